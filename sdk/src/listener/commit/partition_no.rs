//! The number under which the engine knows an assigned partition.

/// The number of one assignment of a partition.
///
/// The poll thread gives it out. A partition that is assigned again gets another number, so what is
/// left of the earlier assignment is never taken for the new one. A number is used again once
/// nothing in the engine carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::listener) struct PartitionNo(usize);

impl From<usize> for PartitionNo {
    fn from(number: usize) -> Self {
        Self(number)
    }
}

impl From<PartitionNo> for usize {
    fn from(PartitionNo(number): PartitionNo) -> Self {
        number
    }
}
