#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| consign_documents::testing::targets::file(data));
