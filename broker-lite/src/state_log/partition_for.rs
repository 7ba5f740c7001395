//! The partition of an internal topic that a key belongs to: Kafka's own choice, which its tools
//! rely on.

use crate::types::PartitionId;

/// Returns the partition of a group or a transactional id: Java's `String.hashCode` without its
/// sign, modulo the number of partitions.
pub(crate) fn partition_for(key: &str, partitions: i32) -> PartitionId {
    // Java hashes UTF-16 units. Kafka clears the sign bit, as `abs` has no result for i32::MIN.
    let hash = key.encode_utf16().fold(0_i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    });
    PartitionId((hash & i32::MAX) % partitions.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_where_kafka_looks_for_it() {
        // "polygenelubricants" is known for the hash i32::MIN, whose absolute value does not exist.
        for (key, partition) in [
            ("", 0),
            ("a", 47),
            ("campus-card", 38),
            ("polygenelubricants", 0),
        ] {
            assert_eq!(partition_for(key, 50), PartitionId(partition), "{key}");
        }
    }
}
