//! `request`: a verifier's question.

use std::path::{Path, PathBuf};

use consign_circuits::{
    keys::KeySetId,
    prove::Estimate,
    request::{NONCE_BYTES, Request, RequestError, SignedRequest},
};
use consign_crypto::{
    chain_contract::{ChainContract, ChainContractError},
    identity::Identity,
    jws::JwsError,
    trust::{Capacity, Party},
};
use consign_documents::{
    compile::compile,
    policy::{FigureKind, ResolvedPolicy},
};
use jiff::{SignedDuration, tz::TimeZone};
use rand::Rng;

use crate::{
    args::{KeyArg, OutputArgs, assignment},
    commands::chain::address,
    context::Context,
    error::{Class, Failure, one_line},
    inputs, keys, say,
};

/// Ask for proof that a policy holds
///
/// Writes request.json, or the file that -o names: a signed request with the whole policy, for a prover to answer with
/// `consign prove`. One answer is accepted; make a request for each prover.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The policy: a file, or the name of one that comes with consign
    #[arg(value_name = "POLICY")]
    policy: PathBuf,
    /// A value for a parameter of the policy; @FILE for a list in a file. May be given more than once
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    values: Vec<(String, String)>,
    /// The documents that you expect in a role, all of them and no other: a file with one document number a line
    #[arg(long = "expect", value_name = "ROLE=FILE", value_parser = assignment)]
    expected: Vec<(String, String)>,
    #[command(flatten)]
    key: KeyArg,
    /// The key set to prove with: its verify.keys [default: the one in the current folder, or the only one you accept]
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// For how many days it can be answered
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// The contract on an EVM chain that alone is to accept the answer there; no other contract or chain will
    #[arg(long, value_name = "ID:0xADDRESS", value_parser = chain_contract)]
    chain: Option<ChainContract>,
    #[command(flatten)]
    output: OutputArgs,
}

fn chain_contract(text: &str) -> Result<ChainContract, String> {
    if let Some((_, at)) = text.split_once(':') {
        address(at)?;
    }
    text.parse().map_err(|e: ChainContractError| e.to_string())
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let today = cx.now.to_zoned(TimeZone::UTC).date();
    let mut policy = inputs::read_policy(&args.policy)?;
    for (i, (role, file)) in args.expected.iter().enumerate() {
        if args.expected[..i].iter().any(|(before, _)| before == role) {
            return Err(Failure::usage(
                format!("the documents of {} are expected twice", one_line(role)),
                "give each role one --expect ROLE=FILE, with all its numbers",
            ));
        }
        policy = policy.expecting(role, inputs::numbers(Path::new(file))?)?;
    }
    let policy = policy.resolve_on(today, &inputs::values(&args.values)?)?;
    inputs::in_force(&policy, today)?;
    // What cannot be compiled cannot be proved: better to hear it here than from the prover.
    let compiled = compile(&policy)?;
    let key_set = key_set(args, cx)?;
    let target = args.output.path("request.json");
    args.output.check(&target)?;

    let mut nonce = [0; NONCE_BYTES];
    rand::rng().fill_bytes(&mut nonce);
    let expires = cx.now.saturating_add(SignedDuration::from_hours(24 * i64::from(args.days))).unwrap_or(cx.now);
    let audience = identity.public().name().to_string();
    let request = Request { policy, key_set, audience, nonce, issued: cx.now, expires, chain: args.chain };
    let signed = SignedRequest::sign(&request, &identity)?;
    know_oneself(cx, &identity)?;
    show(cx, &request);
    // One row each: every document is short.
    let rows =
        request.policy.roles().iter().map(|(name, role)| (name.clone(), vec![1; role.documents.least() as usize]));
    let estimate = Estimate::of(&compiled, &rows.collect());
    say!(cx, "an answer takes, where documents are few and short, {}", estimate.words());
    args.output.write(cx, &target, &signed.to_bytes())
}

/// Puts the verifier on its own trust list, by which `consign verify` knows its requests.
fn know_oneself(cx: &mut Context<'_>, identity: &Identity) -> Result<(), Failure> {
    let (public, now) = (identity.public(), cx.now);
    let added = cx.home.change_trust(|trust| {
        let Some(known) = trust.signer(public.signer()).cloned() else {
            trust.add(Party::new(public.name().clone(), public.clone(), [Capacity::Verifier])?)?;
            return Ok(true);
        };
        if known.name() != public.name() {
            return Err(Failure::usage(
                format!("your trust list calls you {}, your identity {}", known.name(), public.name()),
                "remove that entry with `consign trust remove`: the audience of a request is its signer's name",
            ));
        }
        known.check(Capacity::Verifier, now)?;
        Ok(false)
    })?;
    if added {
        say!(cx, "{} is on your own trust list as verifier, to know your requests by", public.name());
    }
    Ok(())
}

/// The key set of the file given or of the current folder, else the only one that is accepted; it must be accepted, or
/// no answer would be.
fn key_set(args: &Args, cx: &Context<'_>) -> Result<KeySetId, Failure> {
    let trust = cx.home.trust()?;
    if args.keys.is_some() || PathBuf::from(keys::VERIFY).exists() {
        let id = keys::verifying(&cx.home, args.keys.as_deref(), None)?.id();
        return match trust.key_set(id.as_bytes()) {
            Some(_) => Ok(id),
            None => Err(Failure::no(
                format!("the key set {id} is not one that you accept"),
                "if you rely on its maker not to forge, accept it with `consign trust keys verify.keys`",
            )),
        };
    }
    match trust.key_sets() {
        [only] => Ok(KeySetId::new(only.id)),
        [] => Err(Failure::usage("there is no key set to prove with", "make one with `consign setup`")),
        sets => Err(Failure::usage(
            format!("you accept {} key sets", sets.len()),
            "say which to prove with: --keys FILE, its verify.keys",
        )),
    }
}

/// What a request asks, in words.
pub fn show(cx: &mut Context<'_>, request: &Request) {
    let Request { policy, audience, issued, expires, chain, .. } = request;
    say!(cx, "{} asks, from {issued} until {expires}, under {}:", one_line(audience), title(policy));
    for line in explain(policy) {
        say!(cx, "{line}");
    }
    if let Some(chain) = chain {
        say!(cx, "  on a chain, accepted by contract {} alone", on_chain(chain));
    }
    for (name, kind, value) in policy.values().filter(|(_, kind, _)| *kind == FigureKind::Date) {
        say!(cx, "  {}, {kind}: {}", one_line(name), one_line(value));
    }
}

/// A contract and its chain, for people.
pub fn on_chain(chain: &ChainContract) -> String {
    format!("0x{} on chain {}", hex::encode(chain.address()), chain.id())
}

/// What a policy asks, a line each.
pub fn explain(policy: &ResolvedPolicy) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, (claim, source)) in policy.claims().iter().zip(policy.sources()).enumerate() {
        lines.push(format!("  {}. {}  [{}]", number + 1, one_line(&claim.explain()), one_line(&source.source)));
    }
    for name in policy.same() {
        lines.push(format!("  all documents disclose the same {name} reference"));
    }
    if let Some(hours) = policy.status_hours() {
        lines
            .push(format!("  each attestation is shown not to be revoked, by a status list of the last {hours} hours"));
    }
    for (role, of) in policy.roles() {
        let issuers = match of.issuers.as_slice() {
            [] => "any issuer the verifier trusts for it".into(),
            names => one_line(&names.join(" or ")),
        };
        lines.push(format!("  {role}: {} {}, attested by {issuers}", of.documents, of.kind));
        if !of.expected.is_empty() {
            let most = 20;
            let shown = of.expected.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = of.expected.len().saturating_sub(most);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            lines.push(one_line(&format!("  {role}: those numbered {shown}{more}, and no other")));
        }
    }
    lines
}

/// Name and version of a policy.
pub fn title(policy: &ResolvedPolicy) -> String {
    one_line(&format!("{} {}", policy.name(), policy.version()))
}

/// What an error in a request means.
pub fn class(error: &RequestError) -> Class {
    match error {
        RequestError::NotTrusted(_)
        | RequestError::Relayed { .. }
        | RequestError::Expired { .. }
        | RequestError::FromTheFuture { .. }
        | RequestError::NotInForce { .. }
        | RequestError::Signature(JwsError::Signature) => Class::No,
        _ => Class::Input,
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Failure {
        Failure::new(class(&error), &error, error.hint())
    }
}
