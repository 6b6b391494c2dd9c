#![no_main]

consign_fuzz::fuzz!(consign_circuits::testing::targets::r1cs);
