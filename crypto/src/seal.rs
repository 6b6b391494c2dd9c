//! Sealing: a dossier and its attachments, from one sender, to the recipients that the sender names (design section 9).
//!
//! What comes in: members, a sender's [`Identity`](crate::identity::Identity), recipients. What goes out: one file per
//! recipient, each a plain age file (`docs/format-sealed.md`) that shows no other recipient; or, at the other end,
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
//! A body is encrypted once, under a file key that never encrypts another. What stops whom:
//!
//! | attack | stopped by |
//! |---|---|
//! | a stranger replaces the file | there is no grant for me: [`OpenError::NotAddressed`] |
//! | a recipient, who knows the file key, swaps the body | the record's digest in the grant: [`OpenError::OtherRecord`] |
//! | a recipient passes the file on | the grant is encrypted and signed for one key: [`OpenError::NotAddressed`] |
//! | an older epoch is sent again | [`OpenError::OlderEpoch`] |
//! | bytes are changed, cut, or added | header MAC, STREAM, exact archive |

mod archive;
#[cfg(test)]
mod attacks;
pub mod consignment;
pub mod error;
pub mod grant;
pub mod name;
pub mod open;
pub mod record;

pub use consignment::{Consignment, Sealed};
pub use error::{Class, OpenError, SealError};
pub use grant::{OwnCopy, Purpose};
pub use name::MemberName;
pub use open::{Inspection, Opened, Opening, Sender, inspect};
pub use record::{Epoch, Member, Record};
