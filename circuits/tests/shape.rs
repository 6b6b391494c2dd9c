//! Pins what the circuits are: constraints, nonzeros, public inputs and the digest of the matrices. A change here is a
//! change of every key set.

use consign_circuits::{
    shape::Shape,
    tally::{self, TallySize},
    verdict,
};

fn describe(name: &str, shape: &Shape) -> String {
    let m = shape.matrices();
    format!(
        "{name}: {} constraints, {} wires, nonzeros {:?}, domain 2^{}, inputs {:?}, matrices {}",
        m.constraints(),
        m.wires,
        m.nonzeros(),
        m.domain().ilog2(),
        shape.publics(),
        hex::encode(m.digest()),
    )
}

#[test]
fn shapes_are_pinned() {
    for size in TallySize::ALL {
        println!("{}", describe(size.name(), &tally::shape(size).unwrap()));
    }
    println!("{}", describe("verdict", &verdict::shape().unwrap()));
}
