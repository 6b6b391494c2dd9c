//! The circuits against evaluation in the clear, checked on the matrices: random tables and policies, each gadget against
//! its native half, each forbidden witness against the constraint that forbids it, and every wire.

mod directs;
mod evaluation;
mod gadgets;
mod statements;
mod trial;
mod verdicts;
mod wires;

use std::sync::LazyLock;

use consign_circuits::{
    direct,
    shape::Shape,
    tally::{self, TallySize},
    verdict,
};

static SHORT: LazyLock<Shape> = LazyLock::new(|| tally::shape(TallySize::Short).unwrap());
static LONG: LazyLock<Shape> = LazyLock::new(|| tally::shape(TallySize::Long).unwrap());
static VERDICT: LazyLock<Shape> = LazyLock::new(|| verdict::shape().unwrap());
static DIRECT: LazyLock<Shape> = LazyLock::new(|| direct::shape().unwrap());

fn tally_shape(size: TallySize) -> &'static Shape {
    match size {
        TallySize::Short => &SHORT,
        TallySize::Long => &LONG,
    }
}
