//! Commitments recomputed by npm's `poseidon-lite` and `@noble/curves` from the words of `docs/format.md`: the same
//! values. Skipped, and said, where node or `npm ci` in `tests/peers` is missing.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use ark_bn254::Fr;
use ark_ff::UniformRand;
use consign_crypto::{
    commitment::{BLOCK_ROWS, chain_start, chain_step, row_element},
    poseidon,
    totals::{TotalsBlinding, TotalsCommitment},
};
use consign_documents::{
    filter::{TOTAL_BITS, TOTALS, Totals},
    profile::Kind,
    table::{Row, RowKind},
};
use rand_arkworks::{Rng, rngs::OsRng};
use serde_json::{Value, json};

fn recomputed(asked: &Value) -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers");
    let there = ["poseidon-lite", "@noble/curves"].iter().all(|name| folder.join("node_modules").join(name).is_dir());
    let node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    if !node || !there {
        eprintln!("skipped: no `node`, or no `npm ci` in tests/peers was done: npm's poseidon-lite and @noble/curves");
        return None;
    }
    let mut child = Command::new("node")
        .arg(folder.join("recompute.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn javascript_computes_the_same_commitments() {
    let rng = &mut OsRng;
    let row = |rng: &mut OsRng| {
        let measures = [(); 4].map(|()| rng.r#gen::<u64>() >> 17);
        let hs = [(); 3].map(|()| rng.gen_range(0..100));
        Row::new(RowKind::Goods, measures, rng.gen_range(0..1024), [rng.r#gen(), rng.r#gen()], hs).unwrap()
    };
    let blocks: Vec<(Fr, [Row; BLOCK_ROWS])> =
        (0..3).map(|_| (Fr::rand(rng), std::array::from_fn(|_| row(rng)))).collect();
    let profile = Kind::CommercialInvoice.profile();
    let mut chain = vec![chain_start(profile)];
    for (blinding, rows) in &blocks {
        chain.push(chain_step(chain[chain.len() - 1], *blinding, rows));
    }
    let totals = Totals(std::array::from_fn(|i| if i == 7 { 0 } else { rng.r#gen::<u128>() >> (128 - TOTAL_BITS) }));
    let blinding = TotalsBlinding::random(rng);
    let (x, y) = TotalsCommitment::commit(&totals, &blinding).coordinates();
    let (ten, eleven): ([Fr; 10], [Fr; 11]) = ([(); 10].map(|()| Fr::rand(rng)), [(); 11].map(|()| Fr::rand(rng)));

    let texts = |numbers: &[Fr]| numbers.iter().map(Fr::to_string).collect::<Vec<_>>();
    let block = |(blinding, rows): &(Fr, [Row; BLOCK_ROWS])| {
        let rows = rows.iter().map(|row| row_element(row).to_string());
        std::iter::once(blinding.to_string()).chain(rows).collect::<Vec<_>>()
    };
    assert_eq!(totals.0.len(), TOTALS);
    let asked = json!({
        "kind": profile.kind.number(),
        "profile": profile.version,
        "blocks": blocks.iter().map(block).collect::<Vec<_>>(),
        "totals": totals.0.map(|total| total.to_string()).to_vec(),
        "blinding": blinding.bits().to_string(),
        "ten": texts(&ten),
        "eleven": texts(&eleven),
    });
    let Some(found) = recomputed(&asked) else { return };
    let expected = json!({
        "values": texts(&chain),
        "ten": poseidon::hash(&ten).to_string(),
        "eleven": poseidon::hash(&eleven).to_string(),
        "x": x.to_string(),
        "y": y.to_string(),
    });
    assert_eq!(found, expected);
}
