//! Poseidon in the circuit; native half [`consign_crypto::poseidon::hash`].
//!
//! An S-box `y = x^5` costs `x x = x2`, `x2 x2 = x4` and `x4 x = y`. The wires are the *inputs* of the S-boxes, and `y`
//! is the combination of the next round's inputs that the inverse of the matrix gives; so no wire is spent on outputs
//! and combinations stay short. 505 constraints for twelve inputs.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use light_poseidon::PoseidonParameters;

use crate::builder::{Builder, Num};
use consign_crypto::poseidon::Constants;

/// Merges terms on the same wire, so that combinations over many rounds do not grow without need.
fn combine(b: &Builder, row: &[Fr], values: &[Num], constant: Fr) -> Num {
    let mut sum = Num::combination(values.iter().zip(row.iter().copied()));
    sum = &sum + &b.constant(constant);
    sum.merged()
}

/// The fifth power as `(x^4, x^5)`, the latter a value only. Two constraints.
fn fourth_power(b: &mut Builder, x: &Num) -> Num {
    let x2 = b.product("x^2", x, x);
    b.product("x^4", &x2, &x2)
}

/// `Poseidon(inputs)`.
pub fn hash<const N: usize>(b: &mut Builder, inputs: &[Num; N]) -> Num {
    let constants = Constants::of::<N>();
    if b.is_recording() {
        lay_out(b, &constants, inputs)
    } else {
        compute(b, &constants, &inputs.each_ref().map(Num::value))
    }
}

/// The witness: the wires of [`lay_out`] in their order.
fn compute(b: &mut Builder, constants: &Constants, inputs: &[Fr]) -> Num {
    let PoseidonParameters { full_rounds, partial_rounds, .. } = constants.parameters;
    let partial = full_rounds / 2..full_rounds / 2 + partial_rounds;
    let mut states: Vec<Vec<Fr>> = Vec::with_capacity(full_rounds + partial_rounds);
    let output = constants.run(inputs, |state| states.push(state.to_vec()));
    for (round, state) in states.iter().enumerate() {
        let boxes = if partial.contains(&round) { 1 } else { state.len() };
        if let Some(next) = states.get(round + 1) {
            // After a full round each element is a wire, after a partial one the first.
            let wires = if partial.contains(&round) { 1 } else { next.len() };
            next[..wires].iter().for_each(|&x| drop(b.witness("S-box input", x)));
        }
        // The capacity is constant in the first round.
        for &x in &state[usize::from(round == 0)..boxes] {
            let square = b.witness("x^2", x.square());
            let fourth = b.witness("x^4", square.value().square());
            if round + 1 == states.len() {
                b.witness("S-box output", fourth.value() * x);
            }
        }
    }
    b.constant(output)
}

/// The constraints.
fn lay_out(b: &mut Builder, constants: &Constants, inputs: &[Num]) -> Num {
    let inverse = constants.inverse();
    let scale = constants.parameters.mds[0][0].inverse().expect("an MDS matrix has no zero");
    let PoseidonParameters { ark, mds, full_rounds, partial_rounds, width, .. } = &constants.parameters;
    let (width, half, last) = (*width, full_rounds / 2, full_rounds + partial_rounds - 1);
    let constant = |round: usize, i: usize| ark[round * width + i];

    // The inputs of the first round's S-boxes; the capacity is the constant zero.
    let mut state: Vec<Num> = (0..width)
        .map(|i| {
            let start = if i == 0 { Num::zero() } else { inputs[i - 1].clone() };
            &start + &b.constant(constant(0, i))
        })
        .collect();

    for round in 0..last {
        let full = round < half || round >= half + partial_rounds;
        let after: Vec<Fr> = state
            .iter()
            .enumerate()
            .map(|(i, x)| if full || i == 0 { x.value().square().square() * x.value() } else { x.value() })
            .collect();
        let next_value = |i: usize| mds[i].iter().zip(&after).fold(constant(round + 1, i), |sum, (m, x)| sum + *m * x);
        if full {
            let next: Vec<Num> = (0..width).map(|i| b.witness("S-box input", next_value(i))).collect();
            let before_constants: Vec<Num> =
                next.iter().enumerate().map(|(i, x)| x - &b.constant(constant(round + 1, i))).collect();
            for (i, x) in state.iter().enumerate() {
                let y = combine(b, &inverse[i], &before_constants, Fr::ZERO);
                if round == 0 && i == 0 {
                    let fifth = b.constant(after[0]);
                    b.enforce_equal("S-box of the capacity", &y, &fifth);
                } else {
                    let x4 = fourth_power(b, x);
                    b.enforce("S-box", &x4, x, &y);
                }
            }
            state = next;
        } else {
            // Only the first element passes an S-box: one wire for the next round's first input determines it.
            let first = b.witness("S-box input", next_value(0));
            let others = combine(b, &mds[0][1..], &state[1..], constant(round + 1, 0));
            let y = (&first - &others).scaled(scale).merged();
            let x4 = fourth_power(b, &state[0]);
            b.enforce("S-box", &x4, &state[0], &y);
            let mut outputs = std::mem::take(&mut state);
            outputs[0] = y;
            state = (0..width)
                .map(|i| if i == 0 { first.clone() } else { combine(b, &mds[i], &outputs, constant(round + 1, i)) })
                .collect();
        }
    }

    let outputs: Vec<Num> = state
        .iter()
        .map(|x| {
            let x4 = fourth_power(b, x);
            b.product("S-box output", &x4, x)
        })
        .collect();
    combine(b, &mds[0], &outputs, Fr::ZERO)
}
