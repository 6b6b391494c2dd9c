#![no_main]

consign_fuzz::fuzz!(consign_documents::testing::targets::file);
