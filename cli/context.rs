//! What a verb works with: the state folder, the clock, where data goes and where all else goes.
//!
//! A verb writes to nothing else, so that `consign demo` can run the very same verbs for several parties.

use std::io::{self, IsTerminal, Write};

use jiff::Timestamp;

use crate::{home::Home, progress::Progress};

/// The surroundings of one run of one verb.
pub struct Context<'a> {
    /// The state folder.
    pub home: Home,
    /// Data.
    pub out: &'a mut dyn Write,
    /// All else. Use [`say!`](crate::say): a failure to complain is not complained about.
    pub err: &'a mut dyn Write,
    /// The time at which the verb began, or last looked at the clock.
    pub now: Timestamp,
    /// Whether progress is shown: standard error is a terminal.
    terminal: bool,
}

impl<'a> Context<'a> {
    /// A run that begins now, to the second: what is signed and kept has no finer times.
    pub fn new(home: Home, out: &'a mut dyn Write, err: &'a mut dyn Write) -> Context<'a> {
        Context { home, out, err, now: present_second(), terminal: io::stderr().is_terminal() }
    }

    /// Looks at the clock again, for a verb that may run for days.
    pub fn look_at_the_clock(&mut self) {
        self.now = present_second();
    }

    /// Shows on a terminal that something is under way, until it is dropped.
    pub fn progress(&self, what: &str) -> Progress {
        Progress::new(self.terminal, what)
    }
}

fn present_second() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// Writes a line to a context's standard error, which has no buffer: in one piece, as whoever else writes there expects.
#[macro_export]
macro_rules! say {
    ($cx:expr) => { $crate::say!($cx, "") };
    ($cx:expr, $($words:tt)*) => { { let _ = $cx.err.write_all(format!("{}\n", format_args!($($words)*)).as_bytes()); } };
}

/// An output whose reader may go away: what is written after that goes nowhere, and the run ends as it would have.
pub struct Pipe<W> {
    inner: W,
    closed: bool,
}

impl<W: Write> Pipe<W> {
    /// Wraps an output.
    pub fn new(inner: W) -> Pipe<W> {
        Pipe { inner, closed: false }
    }

    fn unless_closed<T>(&mut self, done: io::Result<T>, otherwise: T) -> io::Result<T> {
        match done {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(otherwise)
            }
            done => done,
        }
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let done = self.inner.write(bytes);
        self.unless_closed(done, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let done = self.inner.flush();
        self.unless_closed(done, ())
    }
}
