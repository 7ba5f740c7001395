//! The chapters, in the order of the tour.

mod chapter;
mod partitions;
mod keys;
mod offsets;
mod segment_file;
mod retention;
mod broadcast;
mod balance;
mod committed_offset;
mod crash;
mod slow_handlers;
mod acks;
mod in_sync_replicas;
mod leader_election;
mod acks_1_loses;
mod false_claim;

pub use chapter::{Body, Chapter, Outcome, Telling};

/// All chapters, in the order of the tour.
pub const CHAPTERS: [Chapter; 14] = [
    partitions::CHAPTER,
    keys::CHAPTER,
    offsets::CHAPTER,
    segment_file::CHAPTER,
    retention::CHAPTER,
    broadcast::CHAPTER,
    balance::CHAPTER,
    committed_offset::CHAPTER,
    crash::CHAPTER,
    slow_handlers::CHAPTER,
    acks::CHAPTER,
    in_sync_replicas::CHAPTER,
    leader_election::CHAPTER,
    acks_1_loses::CHAPTER,
];

/// A chapter that fails, for tests; by its name only.
pub(super) const FALSE_CLAIM: Chapter = false_claim::CHAPTER;
