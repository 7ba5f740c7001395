//! The finished records of one assigned partition, and the offset that was sent to the broker for
//! them.

use std::sync::Arc;

use super::progress::Progress;
use crate::types::Offset;

/// The offsets of one assigned partition.
#[derive(Debug)]
pub(in crate::listener) struct PartitionOffsets {
    /// The engine's account of finished records.
    progress: Arc<Progress>,
    /// The last commit that was sent and not refused.
    sent: Option<Offset>,
    is_withheld: bool,
}

impl PartitionOffsets {
    pub(in crate::listener) const fn new(progress: Arc<Progress>) -> Self {
        Self {
            progress,
            sent: None,
            is_withheld: false,
        }
    }

    pub(in crate::listener) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Returns the offset to commit, unless there is none or it was sent already.
    pub(in crate::listener) fn uncommitted(&self) -> Option<Offset> {
        if self.is_withheld {
            return None;
        }
        self.progress
            .commit()
            .filter(|next| self.sent != Some(*next))
    }

    /// Withholds the partition from commits, as long as its topic is missing.
    pub(in crate::listener) const fn withhold(&mut self, is_withheld: bool) {
        self.is_withheld = is_withheld;
    }

    /// Notes that `next` goes out with the commit that is being sent.
    pub(in crate::listener) const fn sent(&mut self, next: Offset) {
        self.sent = Some(next);
    }

    /// Notes that the commit was refused: the next one carries the offset again.
    pub(in crate::listener) const fn refused(&mut self) {
        self.sent = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_committed_once_unless_its_commit_is_refused() {
        let progress = Progress::new();
        let mut offsets = PartitionOffsets::new(progress.clone());
        assert_eq!(offsets.uncommitted(), None, "nothing is finished");
        progress.publish(Some(Offset(7)), 3);
        assert_eq!(offsets.uncommitted(), Some(Offset(7)));
        offsets.sent(Offset(7));
        assert_eq!(offsets.uncommitted(), None);
        offsets.refused();
        assert_eq!(offsets.uncommitted(), Some(Offset(7)));
        offsets.withhold(true);
        assert_eq!(offsets.uncommitted(), None, "its topic is missing");
    }
}
