//! What the files of a partition are called. Names and meanings are Kafka's, so that its tools find
//! their way.

use std::io;

use crate::storage::Fs;
use crate::types::Offset;

/// Which leader wrote from where on.
pub(super) const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";
/// Which topic the folder belongs to.
pub(super) const TOPIC_ID: &str = "partition.metadata";
/// Written last when the log is closed, removed first when it is opened. Ours.
pub(super) const CLEAN_STOP: &str = "clean-stop";
/// Ends the name of what recovery took out of the log. Ours.
pub(super) const CUT: &str = "cut";

/// Ends the name of a folder that belongs to no topic any more. Kafka calls it so, too.
pub(super) const STRAY: &str = "stray";

/// Files that carry an offset in their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Record batches.
    Log,
    /// From offset to position.
    OffsetIndex,
    /// From time to offset.
    TimeIndex,
    /// Producers as of the offset.
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

/// Whether the folder is that of a partition, of whatever topic.
pub(crate) fn is_partition_folder(fs: &dyn Fs, dir: &str) -> io::Result<bool> {
    Ok(fs.list(dir)?.iter().any(|name| name == TOPIC_ID))
}

/// The path of such a file.
pub(super) fn path(dir: &str, offset: Offset, kind: Kind) -> String {
    format!("{dir}/{:020}.{}", offset.0, kind.extension())
}

/// The offsets of all files of this kind, rising.
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
