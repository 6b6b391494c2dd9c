//! `revoke`: a document sealed again, for all of its readers but some.

use std::path::PathBuf;

use consign_crypto::{files, seal::Consignment};

use crate::{
    args::KeyArg,
    commands::seal::{self, Outputs},
    context::Context,
    error::{Failure, one_line},
    inputs,
    register::{Act, Register, Sent},
    say,
};

/// Seal again what you sealed, for all of its readers but some
///
/// Takes your own copy. Encrypts its document and attachments anew, under a new file key and the next epoch, and writes
/// a file for each reader who stays, by your register, and your own copy; send them out. Who has opened the new file
/// refuses the old one. What is out already stays readable to whoever has it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Your own copy
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A reader who is to read no longer: a public file, or a name on the trust list. May be given more than once
    #[arg(long, value_name = "PARTY", required = true)]
    from: Vec<PathBuf>,
    #[command(flatten)]
    key: KeyArg,
    /// Where to write [default: the current folder]
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

/// Runs the verb.
pub fn run(args: &Args, cx: &mut Context<'_>) -> Result<(), Failure> {
    let identity = inputs::identity(&cx.home, &args.key)?;
    let trust = cx.home.trust()?;
    let outputs = Outputs::new(args.output.as_deref(), &args.file, args.force);
    let unsealed = inputs::own_copy(cx, &args.file, &identity, &trust)?;
    let commitment = unsealed.dossier.attestation().commitment();
    let mut register = Register::open(&cx.home)?;
    let mut from = Vec::new();
    for given in &args.from {
        let (_, party) = inputs::recipient(&trust, given)?;
        let known = register.entries(&commitment).into_iter().rev().flat_map(|sent| &sent.to).find(|r| r.is(&party));
        from.push(known.cloned().ok_or_else(|| {
            Failure::no(
                format!("by your register, {} was never given this document", one_line(party.name().as_str())),
                format!("`consign grants {}` lists who was", args.file.display()),
            )
        })?);
    }
    let mut stay = Vec::new();
    for reader in register.readers(&commitment) {
        let public = reader.public()?;
        if !from.iter().any(|gone| gone.is(&public)) {
            stay.push((reader.clone(), public));
        }
    }
    outputs.refuse_equal_names(stay.iter().map(|(reader, _)| reader))?;

    let mut consignment = Consignment::new(unsealed.dossier.to_json()?, commitment);
    consignment.attach_all_of(&unsealed.opened);
    let of = unsealed.opened.record().epoch();
    if let Some(latest) = register.latest_epoch(&commitment).filter(|latest| *latest > of.number()) {
        // Not refused: where sealing epoch 2 was interrupted, the copy of epoch 1 is all there is.
        say!(
            cx,
            "note: this copy is of epoch {of} and your register has epoch {latest}; sealed again is what the copy holds"
        );
    }
    let epoch = register.next_epoch(&commitment, Some(of))?;
    let mut sealed = consignment.seal(&identity, epoch, cx.now, outputs.folder(), &mut rand::rng())?;
    let (parts, whole): (Vec<_>, Vec<_>) = stay.into_iter().partition(|(reader, _)| reader.is_of_part());
    let mut files = outputs.prepare(cx, &mut sealed, &whole)?;
    for (reader, public) in &parts {
        let mut part = seal::part(cx, &identity, &unsealed.dossier, &reader.patterns()?, epoch, outputs.folder())?;
        files.push(outputs.prepare_one(cx, &mut part, reader, public)?);
    }
    let stay = whole.into_iter().chain(parts).map(|(reader, _)| reader).collect();
    let names: Vec<String> = from.iter().map(|reader| one_line(&reader.name())).collect();
    register.enter(Sent { from, ..Sent::sealed(&sealed, cx.now, Act::Revoke, stay) })?;
    files::commit_all(files)?;
    say!(cx, "revoked from {}, who can still read the copies that are out", names.join(", "));
    outputs.tell(cx, &sealed, register.entries(&commitment).last().map_or(&[], |sent| &sent.to));
    Ok(())
}
