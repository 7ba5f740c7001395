//! A batch on its way through the engine: what scheduling needs to know of each record, and no
//! bytes.

use super::key_table::KeyHash;
use crate::listener::commit::Ticket;
use crate::types::Offset;

/// What the engine knows of a record before it runs.
#[derive(Clone, Copy, Debug)]
pub(in crate::listener) struct Head {
    /// The number the poll thread gave to the partition when it was assigned.
    pub(in crate::listener) partition: usize,
    pub(in crate::listener) offset: Offset,
    /// Records with the same hash run one after another; `None` orders nothing.
    pub(in crate::listener) key: Option<KeyHash>,
    /// What the record counts for in the byte budget.
    pub(in crate::listener) bytes: u32,
}

/// Records that came from the client together, with the batch `B` that holds their bytes.
#[derive(Debug)]
pub(in crate::listener) struct Parcel<B> {
    pub(in crate::listener) batch: B,
    pub(in crate::listener) heads: Vec<Head>,
}

/// A record inside the engine: its parcel's number, and its place in the parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordRef {
    pub(super) parcel: usize,
    pub(super) index: usize,
}

/// A parcel that the engine works on.
#[derive(Debug)]
pub(super) struct OpenParcel<B> {
    /// `None` once every record has left and the place is free.
    pub(super) batch: Option<B>,
    pub(super) heads: Vec<Head>,
    /// Records that have not left the engine.
    pub(super) open: usize,
    /// One per record, made when the first record of the parcel has to wait.
    links: Vec<Link>,
}

/// A waiting record's number in its tracker, and who waits behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) next: Option<RecordRef>,
    pub(super) ticket: Option<Ticket>,
}

impl<B> OpenParcel<B> {
    pub(super) fn new(parcel: Parcel<B>, links: Vec<Link>) -> Self {
        let open = parcel.heads.len();
        Self {
            batch: Some(parcel.batch),
            heads: parcel.heads,
            open,
            links,
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a RecordRef is made from an index below the number of heads"
    )]
    pub(super) fn head(&self, index: usize) -> Head {
        self.heads[index]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "there are as many links as heads after the resize"
    )]
    pub(super) fn link_mut(&mut self, index: usize) -> &mut Link {
        if self.links.len() < self.heads.len() {
            self.links.resize(
                self.heads.len(),
                Link {
                    next: None,
                    ticket: None,
                },
            );
        }
        &mut self.links[index]
    }

    /// The parcel as it came, and the emptied links, to be used again.
    pub(super) fn close(self) -> (Option<Parcel<B>>, Vec<Link>) {
        let Self {
            batch,
            heads,
            mut links,
            ..
        } = self;
        links.clear();
        (batch.map(|batch| Parcel { batch, heads }), links)
    }
}

impl<B> Default for OpenParcel<B> {
    fn default() -> Self {
        Self {
            batch: None,
            heads: Vec::new(),
            open: 0,
            links: Vec::new(),
        }
    }
}
