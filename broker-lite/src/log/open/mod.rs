//! Opens a log, whatever state the last stop left it in.
//!
//! First the folder is [claimed](claim): it must belong to this topic. After a clean stop indexes
//! and checkpoints are trusted, and only the checksums of the newest batches of each segment are
//! verified; those of the others are when they are read, so a start takes no longer for a large
//! log. Damage that is found then stays where it is ([`rotten`]).
//!
//! After any other stop every batch is walked over and verified ([`recover`]). The log is truncated
//! at the first thing that is not a batch in its place, and indexes, leader epochs and producers
//! are rebuilt from what remains. What is cut off is moved aside, never destroyed.

mod opening;
mod claim;
mod recover;
mod rotten;
mod replay;
mod truncation;
mod folder;

pub(crate) use claim::discard;
pub(crate) use folder::{LogFolder, OpenMode};
pub(crate) use truncation::Truncation;
