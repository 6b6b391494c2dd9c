//! The prover's ledger on disk: which policies were asked of which of one's documents (design section 8).
//!
//! In: a request, and the dossiers that are to answer it. Out: leave to answer, with the policy on record, or a refusal
//! that says what an answer could make known. The record comes before the answer is known, and is about the document,
//! by its issuer and id, so that attesting it anew does not empty it. It holds policies and no figures.

use std::collections::BTreeMap;

use consign_circuits::{assign::Assigned, request::AcceptedRequest};
use consign_crypto::dossier::CheckedDossier;
use consign_documents::{
    ledger::{Ledger, Places},
    policy::ResolvedPolicy,
    table::Table,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    commands::request::title,
    context::Context,
    error::{Failure, one_line},
    say,
};

const FILE: &str = "asked.jsonl";

/// What was asked, and of which documents.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    at: Timestamp,
    audience: String,
    documents: BTreeMap<String, Vec<DocumentName>>,
    policy: ResolvedPolicy,
}

/// A document by whoever attested it, and the id that this issuer gives the same document always.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentName {
    issuer: String,
    id: String,
}

impl DocumentName {
    fn of(dossier: &CheckedDossier) -> DocumentName {
        let attestation = dossier.attestation();
        DocumentName { issuer: attestation.issuer_key().to_string(), id: hex::encode(attestation.id()) }
    }
}

/// Puts the policy on record, unless an answer, be it yes or no, could narrow a figure further than the user has agreed to.
/// Says what was asked about these documents before.
pub fn admit(
    cx: &mut Context<'_>,
    request: &AcceptedRequest,
    documents: &Assigned,
    reveal: bool,
) -> Result<(), Failure> {
    let asked = request.request();
    let tables: Vec<Table> = documents.ordered().map(|(_, dossier)| dossier.document().table()).collect();
    let names: Vec<DocumentName> = documents.ordered().map(|(_, dossier)| DocumentName::of(dossier)).collect();
    let place = |name: &DocumentName| names.iter().position(|known| known == name);
    let places = |of: &BTreeMap<String, Vec<DocumentName>>| -> Places {
        let role = |(role, list): (&String, &Vec<DocumentName>)| {
            Some((role.clone(), list.iter().map(place).collect::<Option<_>>()?))
        };
        of.iter().filter_map(role).collect()
    };

    // Locked until the policy is on record, so that two answers see each other.
    let mut journal = cx.home.journal::<Asked>(FILE)?;
    let mut ledger = Ledger::new(tables.iter().collect());
    for entry in journal.entries() {
        ledger.asked(&entry.policy, &places(&entry.documents));
    }
    recall(cx, journal.entries(), documents, &names);
    let mut now: BTreeMap<String, Vec<DocumentName>> = BTreeMap::new();
    for ((role, _), name) in documents.ordered().zip(&names) {
        now.entry(role.into()).or_default().push(name.clone());
    }
    let narrowed = ledger.narrowed_by(&asked.policy, &places(&now));
    if !narrowed.is_empty() && !reveal {
        let all: Vec<String> = narrowed.iter().map(ToString::to_string).collect();
        return Err(Failure::no(
            format!("an answer, yes or no, would say much of a figure: {}", all.join("; ")),
            "go on with --reveal if whoever asks may know that; nothing was answered, and nothing put on record",
        ));
    }
    for narrowed in &narrowed {
        say!(cx, "note: {}", one_line(&narrowed.to_string()));
    }
    let (audience, policy) = (asked.audience.clone(), asked.policy.clone());
    journal.append(Asked { at: cx.now, audience, documents: now, policy })
}

/// Reminds of what was asked about these documents before, a line for each document, audience and policy: bounds add up.
fn recall(cx: &mut Context<'_>, entries: &[Asked], documents: &Assigned, names: &[DocumentName]) {
    for ((role, _), name) in documents.ordered().zip(names) {
        // How often and when last, in the order of their last times.
        let mut asked: Vec<(String, String, usize, Timestamp)> = Vec::new();
        for entry in entries {
            if entry.documents.values().flatten().any(|known| known == name) {
                let (audience, policy) = (one_line(&entry.audience), one_line(&title(&entry.policy)));
                let before = asked.iter().position(|(a, p, ..)| *a == audience && *p == policy);
                let times = before.map_or(0, |before| asked.remove(before).2);
                asked.push((audience, policy, times + 1, entry.at));
            }
        }
        for (audience, policy, times, last) in asked {
            match times {
                1 => say!(cx, "note: {role} was the subject of a request of {audience} under {policy} on {last}"),
                _ => say!(
                    cx,
                    "note: {role} was the subject of {times} requests of {audience} under {policy}, the last on {last}"
                ),
            }
        }
    }
}
