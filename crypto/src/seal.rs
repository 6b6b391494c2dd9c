//! Sealing: a dossier and its attachments, from one sender, to the recipients that the sender names (design section 9).
//!
//! What comes in: members, a sender's [`Identity`](crate::identity::Identity), recipients. What goes out: one file per
//! recipient, each a plain age file (`docs/format.md`) that shows no other recipient; or, at the other end,
//! members that are released only once everything about them has been verified.
//!
//! | module | what |
//! |---|---|
//! | [`name`] | names of members, plain on every system |
//! | [`record`] | the sender's signature over the members; epochs |
//! | [`grant`] | the sender's signature for one recipient, in a header of its own |
//! | [`consignment`] | sealing: one body, a header per recipient |
//! | [`open`] | opening, check by check; and what can be said without a key |
//! | [`error`] | each check's own error, and what it means for an exit status |
//!
//! A body is encrypted once, under a file key that never encrypts another. It holds a dossier, or a
//! [view](crate::view) of one. Its headers are all for X25519 readers, or all for post-quantum ones; or it has one header,
//! for a passphrase, and is the sender's own archive. What stops whom (`docs/sealing.md` has all of it, with the tests):
//!
//! | attack | stopped by |
//! |---|---|
//! | a stranger replaces the file | there is no grant for me: [`OpenError::NotAddressed`] |
//! | a recipient, who knows the file key, swaps the body | the record's digest in the grant: [`OpenError::OtherRecord`] |
//! | a recipient passes the file on | the grant is encrypted and signed for one key: [`OpenError::NotAddressed`] |
//! | an older epoch is sent again | [`OpenError::OlderEpoch`] |
//! | bytes are changed, cut, or added | header MAC, STREAM, exact archive |
//!
//! ```
//! use consign_crypto::commitment::Commitment;
//! use consign_crypto::identity::Identity;
//! use consign_crypto::seal::{Consignment, Epoch, Opening, OwnCopy};
//! use consign_crypto::trust::{Capacity, Party, TrustList};
//!
//! let (mut rng, now) = (rand::rng(), jiff::Timestamp::now());
//! let shipper = Identity::generate("Shipper".parse()?, now, &mut rng);
//! let bank = Identity::generate("Bank".parse()?, now, &mut rng);
//! # let commitment = Commitment::from_hex(&format!("{:064x}", 1))?;
//! # let dossier = b"{}".to_vec();
//!
//! // The shipper seals a dossier for the bank and keeps a copy of its own.
//! let folder = std::env::temp_dir();
//! let consignment = Consignment::new(dossier.into(), commitment);
//! let mut sealed = consignment.seal(&shipper, Epoch::FIRST, now, &folder, &mut rng)?;
//! let (mut for_bank, mut own) = (Vec::new(), Vec::new());
//! sealed.write(bank.public().recipient(), &"letter of credit".parse()?, now, &mut rng, &mut for_bank)?;
//! sealed.write_own(now, &mut rng, &mut own)?;
//!
//! // The bank knows the shipper as a sender, by its trust list alone.
//! let mut trust = TrustList::default();
//! trust.add(Party::new("ACME Shipping".parse()?, shipper.public().clone(), [Capacity::Sender])?)?;
//! let opening = Opening { identity: &bank, trust: &trust, known_epoch: &|_, _| None, now, temporary: None };
//! let opened = opening.open(&for_bank[..])?;
//! assert_eq!(opened.sender().to_string(), "ACME Shipping");
//! assert_eq!(opened.unchecked_dossier(1 << 20)?.as_slice(), b"{}");
//!
//! // The bank cannot pass it on; the shipper can grant it once more from its copy.
//! assert!(OwnCopy::open(&for_bank[..], &bank).is_err());
//! let insurer = Identity::generate("Insurer".parse()?, now, &mut rng);
//! let mut for_insurer = Vec::new();
//! let copy = OwnCopy::open(&own[..], &shipper)?;
//! copy.grant(insurer.public().recipient(), &"policy 7".parse()?, now, &mut rng, &mut for_insurer)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
#[cfg(test)]
mod attacks;
pub mod consignment;
pub mod error;
pub mod grant;
pub mod name;
pub mod open;
pub mod record;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod testing;

pub use consignment::{Consignment, Sealed};
pub use error::{Class, OpenError, SealError};
pub use grant::{OwnCopy, Purpose};
pub use name::MemberName;
pub use open::{Checked, Inspection, Opened, Opening, Sender, inspect};
pub use record::{DOCUMENT_NAME, Epoch, Member, PART_NAME, RESERVED_NAMES, Record};
