//! Progress, on a terminal only: a line that says what is under way and disappears when it is done.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Something under way. Dropped, it leaves no trace on the terminal.
pub struct Progress(ProgressBar);

impl Progress {
    /// Begins; shows nothing unless on a terminal.
    pub fn new(terminal: bool, what: &str) -> Progress {
        if !terminal {
            return Progress(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        bar.set_message(what.to_owned());
        Progress(bar)
    }

    /// Says what it is at now.
    pub fn at(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
