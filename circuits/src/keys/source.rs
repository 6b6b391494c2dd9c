//! Where the bytes of a key file come from: memory, or a file that is read in part, where and when a part is needed.

use std::{fs::File, io};

/// The bytes of a key file, readable at any place by several threads.
pub trait KeyBytes: Send + Sync {
    /// Number of bytes.
    ///
    /// # Errors
    /// The system's.
    fn size(&self) -> io::Result<u64>;

    /// Fills `out` with the bytes from a place on.
    ///
    /// # Errors
    /// The system's, or [`io::ErrorKind::UnexpectedEof`] where there are fewer.
    fn read_at(&self, place: u64, out: &mut [u8]) -> io::Result<()>;

    /// Whether all sections of a circuit of this file once had the digests that its head pins, by a record that nobody
    /// else writes to, and no byte has changed since. It is asked before and after they are read, and what was read is used
    /// where it says yes both times.
    fn whole_before(&self, circuit: &str) -> bool {
        let _ = circuit;
        false
    }

    /// Told that all sections of a circuit were found to have the digests that the head pins.
    fn found_whole(&self, circuit: &str) {
        let _ = circuit;
    }
}

impl KeyBytes for Vec<u8> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, place: u64, out: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(place).ok().and_then(|place| self.get(place..)?.get(..out.len()));
        out.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// Of a regular file. Nothing is remembered.
impl KeyBytes for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    #[cfg(unix)]
    fn read_at(&self, place: u64, out: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, out, place)
    }

    #[cfg(windows)]
    fn read_at(&self, mut place: u64, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(self, out, place) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => (place, out) = (place + read as u64, &mut out[read..]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
