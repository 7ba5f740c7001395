//! The names of a partition's files. Names and meanings are Kafka's, so that its tools can read
//! them.

use std::io;

use crate::storage::Fs;
use crate::types::Offset;

/// The offset at which each leader epoch begins.
pub(super) const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";
/// The id of the topic that the folder belongs to.
pub(super) const TOPIC_ID: &str = "partition.metadata";
/// Written last when the log is closed, removed first when it is opened. Not in Kafka.
pub(super) const CLEAN_STOP: &str = "clean-stop";
/// Ends the name of a file that recovery took out of the log. Not in Kafka.
pub(super) const CUT: &str = "cut";

/// Ends the name of a folder that belongs to no topic any more, as in Kafka.
pub(super) const STRAY: &str = "stray";

/// Files that carry an offset in their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Record batches.
    Log,
    /// Maps offsets to positions.
    OffsetIndex,
    /// Maps times to offsets.
    TimeIndex,
    /// The state of producers as of the offset.
    Snapshot,
}

impl Kind {
    const fn extension(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::OffsetIndex => "index",
            Self::TimeIndex => "timeindex",
            Self::Snapshot => "snapshot",
        }
    }
}

/// Whether the folder is a partition's, of whatever topic.
pub(crate) fn is_partition_folder(fs: &dyn Fs, dir: &str) -> io::Result<bool> {
    Ok(fs.list(dir)?.iter().any(|name| name == TOPIC_ID))
}

/// Returns the path of such a file.
pub(super) fn path(dir: &str, offset: Offset, kind: Kind) -> String {
    format!("{dir}/{:020}.{}", offset.0, kind.extension())
}

/// Returns the offsets of all files of this kind, in ascending order.
pub(super) fn list(fs: &dyn Fs, dir: &str, kind: Kind) -> io::Result<Vec<Offset>> {
    let names = fs.list(dir)?;
    let mut offsets: Vec<Offset> = names
        .iter()
        .filter_map(|name| offset_in(name, kind))
        .collect();
    offsets.sort_unstable();
    Ok(offsets)
}

fn offset_in(name: &str, kind: Kind) -> Option<Offset> {
    let digits = name.strip_suffix(kind.extension())?.strip_suffix('.')?;
    let plain = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok().map(Offset)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kafkas() {
        assert_eq!(
            path("orders-3", Offset(42), Kind::TimeIndex),
            "orders-3/00000000000000000042.timeindex"
        );
        assert_eq!(
            offset_in("00000000000000000042.log", Kind::Log),
            Some(Offset(42))
        );
        for other in [
            "00000000000000000042.index",
            "42.log",
            "00000000000000000042.log.17.cut",
            "+0000000000000000042.log",
        ] {
            assert_eq!(offset_in(other, Kind::Log), None, "{other}");
        }
    }
}
