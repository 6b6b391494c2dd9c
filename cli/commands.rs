//! The verbs, one file each. A verb takes its arguments and a [`Context`], and says yes by returning.

pub mod attest;
pub mod chain;
pub mod check;
pub mod demo;
pub mod export;
pub mod grant;
pub mod grants;
pub mod id;
pub mod import;
pub mod import_key;
pub mod inspect;
pub mod keygen;
pub mod open;
pub mod policy;
pub mod prove;
pub mod request;
pub mod revoke;
pub mod seal;
pub mod setup;
pub mod status;
pub mod trust;
pub mod verify;

use crate::{args::Verb, context::Context, error::Failure};

/// Runs a verb.
pub fn run(verb: Verb, cx: &mut Context<'_>) -> Result<(), Failure> {
    match verb {
        Verb::Demo(args) => demo::run(&args, cx),
        Verb::Keygen(args) => keygen::run(&args, cx),
        Verb::Id(args) => id::run(&args, cx),
        Verb::Trust(args) => trust::run(&args, cx),
        Verb::Setup(args) => setup::run(&args, cx),
        Verb::Status(args) => status::run(&args, cx),
        Verb::Import(args) => import::run(&args, cx),
        Verb::Policy(args) => policy::run(&args, cx),
        Verb::Check(args) => check::run(&args, cx),
        Verb::Attest(args) => attest::run(&args, cx),
        Verb::Request(args) => request::run(&args, cx),
        Verb::Prove(args) => prove::run(&args, cx),
        Verb::Verify(args) => verify::run(&args, cx),
        Verb::Seal(args) => seal::run(&args, cx),
        Verb::Grant(args) => grant::run(&args, cx),
        Verb::Grants(args) => grants::run(&args, cx),
        Verb::Revoke(args) => revoke::run(&args, cx),
        Verb::Open(args) => open::run(&args, cx),
        Verb::Chain(args) => chain::run(&args, cx),
        Verb::Inspect(args) => inspect::run(&args, cx),
        Verb::Export(args) => export::run(&args, cx),
        Verb::ImportKey(args) => import_key::run(&args, cx),
    }
}
