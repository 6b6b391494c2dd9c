//! Octets beside arkworks' fields.

use std::array::from_fn;

use ark_bn254::Fq2;
use ark_ff::{BigInteger, One, PrimeField, UniformRand, Zero};
use rand_arkworks::{Rng, SeedableRng, rngs::StdRng};

use super::*;
use crate::prover::{quadratic::Quadratic, testing};

/// Elements, some of them at the ends of the field.
fn elements<F: Field + UniformRand>(rng: &mut StdRng) -> [F; LANES] {
    from_fn(|_| match rng.gen_range(0..8) {
        0 => F::zero(),
        1 => F::one(),
        2 => -F::one(),
        3 => F::from(rng.r#gen::<u64>()),
        _ => F::rand(rng),
    })
}

struct Arithmetic<F>([[F; LANES]; 4], u8);

/// Each operation, on values as loose as it takes.
impl<O: Octet> Kernel<O::Backend> for (Arithmetic<O::Field>, std::marker::PhantomData<O>) {
    type Output = ();
    #[inline(always)]
    fn on(self, backend: O::Backend) {
        let Arithmetic([a, b, c, d], mask) = self.0;
        let each = |f: &dyn Fn(usize) -> O::Field| -> [O::Field; LANES] { from_fn(f) };
        let octet = |x: &[O::Field; LANES]| O::from_field(backend, x.each_ref());
        let read = |x: O| x.canonical().store().map(|stored| O::from_stored(&stored));
        let (x, y, z, w) = (octet(&a), octet(&b), octet(&c), octet(&d));
        assert_eq!(read(x), a);
        assert_eq!(read(x.add(y)), each(&|i| a[i] + b[i]));
        assert_eq!(read(x.sub(y)), each(&|i| a[i] - b[i]));
        assert_eq!(read(x.sub(y).tight()), each(&|i| a[i] - b[i]));
        assert_eq!(read(x.square()), each(&|i| a[i].square()));
        assert_eq!(read(x.add(y).mul(z.sub(w))), each(&|i| (a[i] + b[i]) * (c[i] - d[i])));
        assert_eq!(read(x.negate_where(mask)), each(&|i| if mask >> i & 1 == 1 { -a[i] } else { a[i] }));
        let mixed = O::select(mask, x, y);
        assert_eq!(read(mixed), each(&|i| if mask >> i & 1 == 1 { a[i] } else { b[i] }));
        let same = (0..LANES).fold(0u8, |same, i| same | u8::from(mask >> i & 1 == 1 || a[i] == b[i]) << i);
        assert_eq!(mixed.canonical().same(x.canonical()), same);
        let units = a.map(|a| if a.is_zero() { O::Field::one() } else { a });
        let inverses = octet(&units).invert(backend);
        assert_eq!(read(inverses), each(&|i| units[i].inverse().expect("not zero")));
        let stored = a.map(|a| O::to_stored(&a));
        assert_eq!(read(O::load(backend, stored.each_ref())), a);
        assert_eq!(read(O::splat(backend, &stored[3])), [a[3]; LANES]);
        assert!(a.iter().zip(&stored).all(|(a, stored)| a.is_zero() == (*stored == O::Stored::default())));
    }
}

struct OfPrimeFields<F>([[F; LANES]; 4]);

impl<O: PrimeOctet<Field: PrimeField<BigInt = BigInt<4>>>> Kernel<O::Backend>
    for (OfPrimeFields<O::Field>, std::marker::PhantomData<O>)
{
    type Output = ();
    #[inline(always)]
    fn on(self, backend: O::Backend) {
        let OfPrimeFields([a, b, c, d]) = self.0;
        let octet = |x: &[O::Field; LANES]| O::from_field(backend, x.each_ref());
        let read = |x: O| x.canonical().store().map(|stored| O::from_stored(&stored));
        let (x, y, z, w) = (octet(&a), octet(&b), octet(&c), octet(&d));
        let expected: [O::Field; LANES] = from_fn(|i| (a[i] + b[i]) * c[i] - d[i] * b[i]);
        assert_eq!(read(x.add(y).sum_of_products(z, w.negate(), y)), expected);
        assert_eq!(read(x.add(y).negate()), from_fn(|i| -(a[i] + b[i])));
        let integers = a.map(|a| O::integers(&a.into_bigint().to_bytes_le()));
        assert_eq!(read(O::from_integers(backend, integers.each_ref())), a);
        assert_eq!(x.add(y).to_integers(), from_fn(|i| (a[i] + b[i]).into_bigint().0));
        let square: [O; LANES] = from_fn(|i| octet(&from_fn(|j| O::Field::from((10 * i + j) as u64))));
        for (i, octet) in O::transpose(square).into_iter().enumerate() {
            assert_eq!(read(octet), from_fn(|j| O::Field::from((10 * j + i) as u64)));
        }
    }
}

fn agrees<B: Backend>(backend: B) {
    let rng = &mut StdRng::seed_from_u64(3);
    for _ in 0..200 {
        let mask = rng.r#gen();
        backend.run((Arithmetic(from_fn(|_| elements(rng)), mask), std::marker::PhantomData::<B::Base>));
        backend.run((Arithmetic(from_fn(|_| elements(rng)), mask), std::marker::PhantomData::<B::Scalar>));
        let quadratic: [[Fq2; LANES]; 4] = from_fn(|_| elements(rng));
        backend.run((Arithmetic(quadratic, mask), std::marker::PhantomData::<Quadratic<B::Base>>));
        backend.run((OfPrimeFields(from_fn(|_| elements(rng))), std::marker::PhantomData::<B::Base>));
        backend.run((OfPrimeFields(from_fn(|_| elements(rng))), std::marker::PhantomData::<B::Scalar>));
    }
}

#[test]
fn octets_are_eight_elements() {
    testing::on_each_backend!(agrees);
}
