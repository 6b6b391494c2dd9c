//! The whole story, played once for all tests that need its files: set-up and proof take seconds.

use std::sync::OnceLock;

use crate::harness::{Folder, example};

/// The parties after the story: customs has asked, the shipper has answered, and has sealed the invoice for the bank.
pub struct Flow {
    pub carrier: Folder,
    pub customs: Folder,
    pub shipper: Folder,
    pub bank: Folder,
}

/// The parties, played on first use. Tests that change anything work on copies.
pub fn flow() -> &'static Flow {
    static FLOW: OnceLock<Flow> = OnceLock::new();
    FLOW.get_or_init(play)
}

/// A folder with an identity `NAME.key`, `NAME.pub`.
fn party(name: &str, called: &str) -> Folder {
    let folder = Folder::new();
    let (key, public) = (format!("{name}.key"), format!("{name}.pub"));
    folder.ok(&["keygen", called, "-o", &key]);
    folder.ok(&["id", "--key", &key, "-o", &public]);
    folder
}

fn play() -> Flow {
    let carrier = party("carrier", "Blue Meridian Lines");
    let customs = party("customs", "Rotterdam Customs");
    let shipper = party("shipper", "Saigon Pacific Trading");
    let bank = party("bank", "Maas Trade Bank");
    for (name, from) in [("carrier", &carrier), ("customs", &customs), ("shipper", &shipper), ("bank", &bank)] {
        for to in [&carrier, &customs, &shipper, &bank] {
            if !to.path(&format!("{name}.pub")).exists() {
                from.send(&format!("{name}.pub"), to);
            }
        }
    }
    for (party, whom, what) in [
        (&customs, "carrier.pub", "issuer:cargo-manifest"),
        (&customs, "shipper.pub", "issuer:commercial-invoice"),
        (&shipper, "carrier.pub", "issuer:cargo-manifest"),
        (&shipper, "customs.pub", "verifier"),
        (&bank, "shipper.pub", "sender,issuer:commercial-invoice"),
        (&bank, "carrier.pub", "issuer:cargo-manifest"),
        (&bank, "customs.pub", "verifier"),
    ] {
        party.ok(&["trust", "add", whom, "--as", what]);
    }
    for (to, name, from) in [
        (&carrier, "manifest.xml", "documents/manifest.xml"),
        (&shipper, "invoice.xml", "documents/invoice.xml"),
        (&shipper, "scan.pdf", "documents/scan.pdf"),
        (&customs, "eu-entry.toml", "policies/eu-entry.toml"),
    ] {
        std::fs::copy(example(from), to.path(name)).unwrap();
    }

    carrier.ok(&["attest", "manifest.xml", "--key", "carrier.key", "--holder", "shipper.pub"]);
    carrier.send("manifest.dossier", &shipper);
    shipper.ok(&["attest", "invoice.xml", "--key", "shipper.key"]);
    customs.ok(&["setup"]);
    customs.ok(&["request", "eu-entry.toml", "--key", "customs.key"]);
    customs.send("request.json", &shipper);
    customs.send("prove.keys", &shipper);
    customs.send("verify.keys", &bank);
    shipper.ok(&["prove", "request.json", "manifest.dossier", "invoice.dossier", "--key", "shipper.key"]);
    shipper.send("answer.json", &customs);
    shipper.send("answer.json", &bank);
    shipper.ok(&["seal", "invoice.dossier", "--to", "bank.pub", "--attach", "scan.pdf", "--key", "shipper.key"]);
    shipper.send("invoice.bank.age", &bank);
    bank.ok(&["trust", "keys", "verify.keys"]);
    Flow { carrier, customs, shipper, bank }
}
