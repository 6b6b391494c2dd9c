//! Tests on every backend that this processor has.

/// Calls a function with each backend; says so where one is missing.
macro_rules! on_each_backend {
    ($check:ident $(, $argument:expr)*) => {{
        $check($crate::prover::octet::Portable $(, $argument)*);
        #[cfg(target_arch = "x86_64")]
        match $crate::prover::fma::Fma::detect() {
            Some(backend) => $check(backend $(, $argument)*),
            None => eprintln!("skipped: this processor has no AVX2 and FMA"),
        }
        #[cfg(target_arch = "x86_64")]
        match $crate::prover::ifma::Ifma::detect() {
            Some(backend) => $check(backend $(, $argument)*),
            None => eprintln!("skipped: this processor has no AVX-512 IFMA"),
        }
    }};
}

pub(super) use on_each_backend;
