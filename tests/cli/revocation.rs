//! Attestations that their attester takes back.

use crate::flow::flow;

const LIST: &str = "https://blue-meridian.example/status/1";

#[test]
fn what_the_carrier_takes_back_customs_refuses() {
    let (carrier, customs, shipper) = (flow().carrier.copy(), flow().customs.copy(), flow().shipper.copy());
    let attest = ["attest", "manifest.xml", "--key", "carrier.key", "--holder", "shipper.pub", "--force"];
    carrier.ok(&[&attest[..], &["--status-list", LIST]].concat());
    carrier.send("manifest.dossier", &shipper);
    customs.write(
        "fresh.toml",
        "name = \"fresh\"\nversion = \"1\"\nvalid-from = 2026-01-01\nstatus = { max-age-hours = 48 }\n\
         [roles.manifest]\nkind = \"cargo-manifest\"\n[[claims]]\nclaim = \"total gross_mass <= 26500 kg\"\nsource = \"a test\"\n",
    );
    let asked = customs.ok(&["request", "fresh.toml", "--key", "customs.key", "-o", "fresh.json"]);
    assert!(asked.stderr.contains("not to be revoked, by a status list of the last 48 hours"), "{}", asked.stderr);
    customs.send("fresh.json", &shipper);
    let prove = ["prove", "fresh.json", "manifest.dossier", "--key", "shipper.key", "-o", "fresh-answer.json"];
    shipper.ok(&prove);
    shipper.send("fresh-answer.json", &customs);
    let verify = ["verify", "fresh-answer.json", "--request", "fresh.json"];
    customs.fails(1, "is not at hand", &verify);

    let publish = ["status", "publish", LIST, "--key", "carrier.key", "--force"];
    carrier.ok(&publish);
    carrier.send("status.jwt", &customs);
    let with_list = [&verify[..], &["--status", "status.jwt"]].concat();
    let report = customs.ok(&with_list).stdout;
    assert!(report.contains("not revoked, as Blue Meridian Lines says at"), "{report}");
    insta::assert_snapshot!("status-show", customs.ok(&["status", "show", "status.jwt"]).shown());

    let number = "BML-SGN-260914-0031";
    carrier.fails(
        1,
        "you attested no such document",
        &["status", "revoke", "commercial-invoice", number, "--key", "carrier.key"],
    );
    let revoke = ["status", "revoke", "cargo-manifest", number, "--key", "carrier.key"];
    assert!(carrier.ok(&revoke).stderr.contains("1 attestation of cargo-manifest"));
    assert!(carrier.ok(&revoke).stderr.contains("had been revoked before"));
    carrier.ok(&publish);
    carrier.send("status.jwt", &customs);
    customs.fails(1, "the attestation is revoked", &with_list);
    // A list of another party does not count, whatever it says.
    shipper.ok(&["status", "publish", LIST, "--key", "shipper.key", "-o", "theirs.jwt"]);
    shipper.send("theirs.jwt", &customs);
    customs.fails(1, "is not at hand", &[&verify[..], &["--status", "theirs.jwt"]].concat());
    customs.fails(3, "status list", &[&verify[..], &["--status", "fresh.json"]].concat());

    // One without a list cannot be proved under a policy that asks.
    carrier.ok(&attest);
    carrier.send("manifest.dossier", &shipper);
    shipper.fails(1, "names no status list", &[&prove[..], &["--force"]].concat());
}
