//! A fuzzer that also holds its target to a bound on memory: what it has at a time beyond what it had before.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Bytes of memory that a byte of input may cost.
const PER_BYTE: usize = 16;
/// Bytes that any input may cost: the buffers of readers, and what a target makes once.
const CONSTANT: usize = 16 << 20;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting.
pub struct Counting;

// Safety: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

/// Calls a target, which may take 16 times its input and a constant.
pub fn measured(data: &[u8], target: impl Fn(&[u8])) {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    target(data);
    let taken = PEAK.load(Relaxed).saturating_sub(before);
    let allowed = CONSTANT + PER_BYTE * data.len();
    assert!(taken <= allowed, "{taken} bytes of memory for {} of input", data.len());
}

/// A fuzzer of one target.
#[macro_export]
macro_rules! fuzz {
    ($target:path) => {
        #[global_allocator]
        static ALLOCATOR: $crate::Counting = $crate::Counting;
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::measured(data, $target));
    };
}
