//! The dispatcher's kinds of index, each a type of its own.
//!
//! Like [`PartitionNo`](crate::listener::commit::PartitionNo), all of them are small numbers that
//! index a table and are used again. As bare `usize` values they
//! would be interchangeable, and a swapped pair of arguments would compile.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(in crate::listener) struct $name(usize);

        impl From<usize> for $name {
            fn from(index: usize) -> Self {
                Self(index)
            }
        }

        impl From<$name> for usize {
            fn from($name(index): $name) -> Self {
                index
            }
        }
    )*};
}

ids! {
    /// A lane: one key whose records run one after another.
    LaneId;
    /// A slot: the place of one running record.
    SlotId;
    /// A batch of records that the engine works on.
    BatchId;
}
