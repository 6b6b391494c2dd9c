#![no_main]

consign_fuzz::fuzz!(consign_crypto::testing::targets::age);
