//! The consign command line.
fn main() {}
