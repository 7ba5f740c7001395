//! Which partition of `__consumer_offsets` speaks of a group: Kafka's own choice, which its tools rely on.

use crate::types::{GroupId, PartitionId};

/// Java's `String.hashCode` of the group's name without its sign, modulo the number of partitions.
pub(super) fn slot_of(group: &GroupId, partitions: i32) -> PartitionId {
    let hash = group
        .as_str()
        .encode_utf16()
        .fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    PartitionId((hash & i32::MAX) % partitions.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_where_kafka_looks_for_it() {
        // "polygenelubricants" is famous for the hash i32::MIN, whose absolute value does not exist.
        for (group, hash) in
            [("", 0), ("a", 97), ("campus-card", -1_408_572_610), ("polygenelubricants", i32::MIN)]
        {
            assert_eq!(slot_of(&GroupId::new(group), 50), PartitionId((hash & i32::MAX) % 50), "{group}");
        }
    }
}
