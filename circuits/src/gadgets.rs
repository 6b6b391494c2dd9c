//! The parts that circuits are made of. Each bears the name of its native half and is tested against it.

pub mod bits;
pub mod filter;
pub mod pedersen;
pub mod poseidon;
pub mod row;
pub mod select;
