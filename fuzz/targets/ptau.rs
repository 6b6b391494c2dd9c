#![no_main]

consign_fuzz::fuzz!(consign_circuits::testing::targets::ptau);
