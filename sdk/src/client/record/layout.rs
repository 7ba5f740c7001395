//! The positions of a record's parts in the arena of its batch.

use bytes::Bytes;

use crate::types::{Offset, Timestamp, TimestampType};

/// A record, as places in the arena.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) source: u32,
    pub(super) offset: Offset,
    pub(super) timestamp: Timestamp,
    pub(super) timestamp_type: TimestampType,
    pub(super) key: Option<Span>,
    pub(super) payload: Option<Span>,
    pub(super) headers: (u32, u32),
}

/// A range of the arena.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A header's name and value.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeaderSpan {
    pub(super) name: Span,
    pub(super) value: Option<Span>,
}

impl Span {
    pub(super) fn slice(self, arena: &Bytes) -> &[u8] {
        arena
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    pub(super) fn share(self, arena: &Bytes) -> Bytes {
        arena.slice(self.start as usize..self.end as usize)
    }
}
