//! A bound on what we depend on: whoever adds a dependency sees how many packages come with it, and argues for them.

/// Packages in `Cargo.lock`, our own five included, for all platforms. Raise it in the commit that adds a dependency.
/// Sixteen came with calamine (XLSX: ZIP and XML) and saphyr-parser (YAML); the EVM that the contracts are tested on
/// (revm) and the Solidity ABI (alloy) name 150, half of them never built.
const MAX_PACKAGES: usize = 510;

#[test]
fn the_number_of_packages_is_bounded() {
    let lock = include_str!("../Cargo.lock");
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(
        packages <= MAX_PACKAGES,
        "Cargo.lock has {packages} packages; at most {MAX_PACKAGES} are argued for: `cargo tree` shows what brought them"
    );
}

#[test]
fn every_package_comes_from_one_registry() {
    let lock = include_str!("../Cargo.lock");
    let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    for line in lock.lines().filter(|line| line.starts_with("source = ")) {
        assert_eq!(line, registry);
    }
}
