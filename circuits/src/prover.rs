//! What proving consists of: the quotient of a satisfied circuit, and five sums of multiples of the key's points.
//!
//! In: the key's queries, the assignment, and the values of `A w` and `B w`. Out: the five sums; [`crate::groth16`] makes
//! the proof of them. The sums run as one job of many tasks, so that no core waits for another. Inner loops work on eight
//! elements at a time ([`octet`]), with the instructions that the processor has. Everything is checked against arkworks.
//! `docs/performance.md` says what each part gains.

mod curve;
#[cfg(target_arch = "x86_64")]
mod fma;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod msm;
mod octet;
mod quadratic;
mod scalar;
#[cfg(test)]
mod testing;
mod transform;
mod values;

use std::{convert::Infallible, ops::Range, sync::OnceLock};

use ark_bn254::{Fr, G1Projective, G2Projective};
use ark_ff::PrimeField;
use ark_poly::GeneralEvaluationDomain;
use rayon::{join, prelude::*};

pub use self::values::values;
use self::{
    msm::Terms,
    octet::{Backend, Portable, Words},
    quadratic::Quadratic,
    transform::Domain,
};
use crate::{keys::points::G1_BYTES, qap};

/// How much work proving does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Work {
    /// As little as the witness allows: zeros cost nothing, small numbers little.
    #[default]
    Fast,
    /// As much for every witness: each scalar is treated as if it were long. `SECURITY.md` says what is left to see.
    Constant,
}

/// Points as a key file holds them ([`crate::keys::points`]), wherever they are: they are read where a scalar is not zero.
pub trait Bases: Sync {
    /// Why they cannot be read.
    type Error: Send;

    /// Number of bytes.
    fn size(&self) -> usize;

    /// The bytes from one place to another; `space` is memory to read them to.
    ///
    /// # Errors
    /// Bytes that cannot be read.
    fn read<'a>(&'a self, places: Range<usize>, space: &'a mut Vec<u8>) -> Result<&'a [u8], Self::Error>;
}

impl Bases for [u8] {
    type Error = Infallible;

    fn size(&self) -> usize {
        self.len()
    }
    fn read<'a>(&'a self, places: Range<usize>, _: &'a mut Vec<u8>) -> Result<&'a [u8], Infallible> {
        Ok(&self[places])
    }
}

/// The points of a key that are multiplied.
pub struct Queries<'a, Q: ?Sized> {
    /// Of `A`, one a wire.
    pub a: &'a Q,
    /// Of `B` in G1.
    pub b1: &'a Q,
    /// Of `B` in G2.
    pub b2: &'a Q,
    /// Of the witness alone: the last ones of the assignment.
    pub l: &'a Q,
    /// Of the quotient's values.
    pub h: &'a Q,
    /// For which wires queries `a`, and `b1` and `b2`, have more than the identity: the others are not read.
    pub wires: [&'a [bool]; 2],
}

/// The sums.
pub struct Sums {
    /// Query `a` with the assignment.
    pub a: G1Projective,
    /// Query `b1` with the assignment.
    pub b1: G1Projective,
    /// Query `b2` with the assignment.
    pub b2: G2Projective,
    /// Query `l` with the witness, and query `h` with the quotient.
    pub c: G1Projective,
}

/// Roots of unity of a key's domain, computed when they are first needed.
#[derive(Default)]
pub struct Roots(OnceLock<Option<Domain>>);

impl Roots {
    /// Those of a domain of this size. They are computed before the cell is locked: a thread that waits inside for its
    /// share of the work could take up another proof, which would wait for the cell.
    fn domain<B: Backend>(&self, backend: B, size: usize) -> Option<&Domain> {
        if self.0.get().is_none() {
            let domain = Domain::new(backend, size);
            return self.0.get_or_init(|| domain).as_ref();
        }
        self.0.get()?.as_ref()
    }
}

/// Calls a function with the fastest backend that this processor has.
macro_rules! on_this_processor {
    ($function:path, $($argument:expr),*) => {
        'result: {
            #[cfg(target_arch = "x86_64")]
            if let Some(backend) = ifma::Ifma::detect() {
                break 'result $function(backend, $($argument),*);
            }
            #[cfg(target_arch = "x86_64")]
            if let Some(backend) = fma::Fma::detect() {
                break 'result $function(backend, $($argument),*);
            }
            $function(Portable, $($argument),*)
        }
    };
}

/// Computes the sums for an assignment that satisfies the circuit. `values` are those of `A w` and `B w` on the domain,
/// which has as many elements as query `h`.
///
/// # Errors
/// Points that cannot be read.
pub fn sums<Q: Bases + ?Sized>(
    queries: &Queries<'_, Q>,
    roots: &Roots,
    assignment: &[Fr],
    values: [Vec<Fr>; 2],
    work: Work,
) -> Result<Sums, Q::Error> {
    on_this_processor!(sums_on, queries, roots, assignment, values, work)
}

/// The sum of multiples of points of G1, as a key file holds them; each must be on the curve.
pub fn sum_g1(bases: &[u8], scalars: &[Fr]) -> G1Projective {
    let Ok(sum) = on_this_processor!(g1_on, bases, &halves(scalars, Work::Fast), Work::Fast);
    sum
}

/// The same of points of G2, each in the subgroup.
pub fn sum_g2(bases: &[u8], scalars: &[Fr]) -> G2Projective {
    let Ok(sum) = on_this_processor!(g2_on, bases, &halves(scalars, Work::Fast), Work::Fast);
    sum
}

fn g1_on<B: Backend, Q: Bases + ?Sized>(
    backend: B,
    bases: &Q,
    halves: &[[i128; 2]],
    work: Work,
) -> Result<G1Projective, Q::Error> {
    let terms = Terms::new::<ark_bn254::g1::Config, B::Base, Q>(backend, bases, halves, work)?;
    Ok(terms.sum::<ark_bn254::g1::Config, B::Base>(backend, work))
}

fn g2_on<B: Backend, Q: Bases + ?Sized>(
    backend: B,
    bases: &Q,
    halves: &[[i128; 2]],
    work: Work,
) -> Result<G2Projective, Q::Error> {
    let terms = Terms::new::<ark_bn254::g2::Config, Quadratic<B::Base>, Q>(backend, bases, halves, work)?;
    Ok(terms.sum::<ark_bn254::g2::Config, Quadratic<B::Base>>(backend, work))
}

fn halves(scalars: &[Fr], work: Work) -> Vec<[i128; 2]> {
    scalars.par_iter().map(|x| scalar::halves(&x.into_bigint().0, work)).collect()
}

fn sums_on<B: Backend, Q: Bases + ?Sized>(
    backend: B,
    queries: &Queries<'_, Q>,
    roots: &Roots,
    assignment: &[Fr],
    values: [Vec<Fr>; 2],
    work: Work,
) -> Result<Sums, Q::Error> {
    let halves = halves(assignment, work);
    let g1 = |bases: &Q, halves: &[[i128; 2]]| g1_on(backend, bases, halves, work);
    let h = || {
        let halves: Vec<[i128; 2]> = match roots.domain(backend, values[0].len()) {
            Some(domain) => domain.quotient(backend, values, |integer: Words| scalar::halves(&integer, work)),
            None => {
                let [a, b] = values;
                let quotient = qap::quotient::<Fr, GeneralEvaluationDomain<Fr>>(a, b, &[]);
                let quotient = quotient.expect("the key was made for a domain of this size");
                self::halves(&quotient, work)
            }
        };
        g1(queries.h, &halves)
    };
    let witness = &halves[halves.len() - queries.l.size() / G1_BYTES..];
    let of = |wires: &[bool]| -> Vec<[i128; 2]> {
        halves.iter().zip(wires).map(|(halves, has)| if *has { *halves } else { [0; 2] }).collect()
    };
    let (of_a, of_b) = join(|| of(queries.wires[0]), || of(queries.wires[1]));
    let ((b2, h), (a, (b1, l))) = join(
        || join(|| g2_on(backend, queries.b2, &of_b, work), h),
        || join(|| g1(queries.a, &of_a), || join(|| g1(queries.b1, &of_b), || g1(queries.l, witness))),
    );
    Ok(Sums { a: a?, b1: b1?, b2: b2?, c: l? + h? })
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use ark_bn254::{G1Affine, G2Affine};
    use ark_ec::AffineRepr;
    use rayon::ThreadPoolBuilder;

    use super::*;
    use crate::keys::points::{g1_bytes, g2_bytes};

    #[test]
    fn proofs_at_once_do_not_wait_for_each_others_roots() {
        let size = 1 << 9;
        let (done, all_done) = mpsc::channel();
        // Not joined: where it hangs, the test ends all the same.
        thread::spawn(move || {
            let h = g1_bytes(&vec![G1Affine::generator(); size]);
            let (two, b2) = (&h[..2 * G1_BYTES], g2_bytes(&[G2Affine::generator(); 2]));
            let queries =
                Queries { a: two, b1: two, b2: &b2[..], l: &h[..G1_BYTES], h: &h[..], wires: [&[true; 2]; 2] };
            let (assignment, values) = ([Fr::from(1u64), Fr::from(2u64)], vec![Fr::from(3u64); size]);
            let pool = ThreadPoolBuilder::new().num_threads(4).build().unwrap();
            for _ in 0..50 {
                let roots = Roots::default();
                let prove = |_| _ = sums(&queries, &roots, &assignment, [values.clone(), values.clone()], Work::Fast);
                pool.install(|| (0..4).into_par_iter().for_each(prove));
            }
            done.send(()).unwrap();
        });
        all_done.recv_timeout(Duration::from_secs(300)).expect("proofs wait for each other");
    }
}
