//! Signals that end the program: Ctrl-C, and a system that shuts down.
//!
//! In: SIGINT, SIGTERM. Out: no temporary file, and the exit status that a shell expects, 128 and the signal's
//! number. Outputs appear by renaming, so what has its name is whole whenever the program ends; this is for what has not.
//! SIGHUP keeps its meaning: under `nohup` it is ignored, and a handler would undo that.

/// Has a thread wait for such a signal. Where it cannot, signals end the program as they do by default.
#[cfg(unix)]
pub fn remove_temporaries() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            consign_crypto::files::remove_temporaries();
            std::process::exit(128 + signal);
        }
    });
}

/// Elsewhere the system's own way of ending programs holds.
#[cfg(not(unix))]
pub fn remove_temporaries() {}
