//! The records that most sentences are about: one number of partitions, one kind of keys, one size.

use std::collections::BTreeMap;
use std::fmt;

use crate::concurrency_models::cell::{Cell, Keys, Model, Work};
use crate::concurrency_models::summary::{Measured, Summary};

/// The records that most cells have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slice {
    pub(super) keys: Keys,
    pub(super) bytes: u32,
    pub(super) partitions: u16,
}

impl Slice {
    /// The slice with the most cells.
    pub(super) fn of(summary: &Summary) -> Option<Self> {
        let mut cells: BTreeMap<Self, usize> = BTreeMap::new();
        for measured in summary.all() {
            *cells.entry(Self::around(&measured.cell)).or_default() += 1;
        }
        // Of several with as many cells the first: uniform keys, small payloads, few partitions.
        let most = cells.values().copied().max()?;
        cells
            .into_iter()
            .find(|(_, count)| *count == most)
            .map(|(slice, _)| slice)
    }

    pub(super) const fn around(cell: &Cell) -> Self {
        Self {
            keys: cell.keys,
            bytes: cell.bytes,
            partitions: cell.partitions,
        }
    }

    /// The cells of this slice with this work.
    pub(super) fn with(self, work: Work) -> impl Fn(&Cell) -> bool {
        move |cell| Self::around(cell) == self && cell.work == work
    }

    /// The kinds of work in this slice.
    pub(super) fn works(self, summary: &Summary) -> Vec<Work> {
        let mut works: Vec<Work> = self
            .cells(summary)
            .map(|measured| measured.cell.work)
            .collect();
        works.sort_unstable();
        works.dedup();
        works
    }

    /// The cells of this slice.
    pub(super) fn cells(self, summary: &Summary) -> impl Iterator<Item = &Measured> {
        let is_inside = move |measured: &&Measured| Self::around(&measured.cell) == self;
        summary.all().filter(is_inside)
    }

    /// The fastest cell of a model with this work.
    pub(super) fn fastest(self, summary: &Summary, model: Model, work: Work) -> Option<&Measured> {
        summary.fastest_of(model, self.with(work))
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            keys,
            bytes,
            partitions,
        } = self;
        write!(
            f,
            "{partitions} partitions, {keys} keys and payloads of {bytes} bytes"
        )
    }
}
