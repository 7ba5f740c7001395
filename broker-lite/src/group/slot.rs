//! Which partition of `__consumer_offsets` speaks of a group: Kafka's own choice, which its tools
//! rely on.

use crate::types::GroupId;

/// Java's `String.hashCode` of the group's name without its sign, modulo the number of slots.
pub(super) fn partition_for(group: &GroupId, slots: usize) -> usize {
    let hash = group.as_str().encode_utf16().fold(0_u32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(u32::from(unit))
    });
    usize::try_from(hash & 0x7fff_ffff).unwrap_or_default() % slots.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_where_kafka_looks_for_it() {
        // "polygenelubricants" is famous for the hash i32::MIN, whose absolute value does not
        // exist.
        for (group, slot) in [
            ("", 0),
            ("a", 47),
            ("campus-card", 38),
            ("polygenelubricants", 0),
        ] {
            assert_eq!(partition_for(&GroupId::new(group), 50), slot, "{group}");
        }
    }
}
