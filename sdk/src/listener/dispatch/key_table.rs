//! The keys that have a record under way, with their lanes.
//!
//! The table uses open addressing with linear probing and backward-shift removal. It holds keys
//! that run or wait for a retry, and no others: a record that finishes at its first poll never
//! enters it. So it stays small enough for the first-level cache, and grows only when many keys
//! wait at the same time.

use super::ids::LaneId;
use crate::types::PartitionId;

/// The hash of a topic and a key. It is never 0, which marks a free entry of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::listener) struct KeyHash(u64);

impl KeyHash {
    /// Hashes `bytes` eight at a time, with a seed that differs from process to process.
    ///
    /// A collision only makes two keys wait for each other.
    pub(in crate::listener) fn of(seed: u64, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut hash = seed ^ 0x9E37_79B9_7F4A_7C15;
        for word in words {
            hash = fold(hash ^ u64::from_le_bytes(*word), 0xA076_1D64_78BD_642F);
        }
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        // The length keeps "a" apart from "a\0".
        let tail = u64::from_le_bytes(last) ^ (bytes.len() as u64).rotate_left(32);
        Self::from(fold(hash ^ tail, 0xE703_7ED1_A0B4_28DB))
    }

    /// Returns the key of a partition whose records all run one after another, with the seed of
    /// its topic.
    ///
    /// Does not depend on the partition's number, which changes when the log is found cut: records
    /// behind the cut wait for those from before it.
    pub(in crate::listener) fn of_partition(seed: u64, partition: PartitionId) -> Self {
        Self::from(seed.wrapping_add(u64::from(partition.0.cast_unsigned())))
    }

    /// Returns the hash as a seed for further hashes.
    pub(in crate::listener) fn seed(self) -> u64 {
        self.0
    }
}

impl From<u64> for KeyHash {
    fn from(hash: u64) -> Self {
        Self(hash.max(1))
    }
}

/// Multiplies to 128 bits and folds both halves together.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let [low, high] = [product, product >> 64].map(|half| half & u128::from(u64::MAX));
    u64::try_from(low ^ high).unwrap_or_default()
}

/// Maps running keys to lanes.
#[derive(Debug)]
pub(super) struct KeyTable {
    /// Hashes and lanes. The hash 0 marks a free entry. The length is a power of two.
    entries: Vec<(u64, LaneId)>,
    len: usize,
}

#[expect(
    clippy::indexing_slicing,
    reason = "every index is masked by the power of two that is the length"
)]
impl KeyTable {
    /// Creates a table that has room for `keys` keys before it grows.
    pub(super) fn with_room_for(keys: usize) -> Self {
        Self {
            entries: vec![Self::free(); (keys * 4).next_power_of_two().max(16)],
            len: 0,
        }
    }

    fn free() -> (u64, LaneId) {
        (0, LaneId::from(0))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Returns the lane of `key`, if it has one.
    pub(super) fn get(&self, key: KeyHash) -> Option<LaneId> {
        // The usual case when handlers are ready at once: nothing waits, and nothing is probed.
        if self.len == 0 {
            return None;
        }
        let (hash, lane) = self.entries[self.find(key.0)];
        (hash != 0).then_some(lane)
    }

    /// Notes that `key` runs in `lane`. The key must not be there yet.
    pub(super) fn insert(&mut self, key: KeyHash, lane: LaneId) {
        if (self.len + 1) * 2 > self.entries.len() {
            self.grow();
        }
        let at = self.find(key.0);
        debug_assert_eq!(self.entries[at].0, 0, "a key has one lane");
        self.entries[at] = (key.0, lane);
        self.len += 1;
    }

    /// Removes `key`, and moves later entries of its run back so that no tombstone is needed.
    pub(super) fn remove(&mut self, key: KeyHash) {
        let mask = self.entries.len() - 1;
        let mut gap = self.find(key.0);
        if self.entries[gap].0 == 0 {
            return;
        }
        self.len -= 1;
        let mut next = gap;
        loop {
            next = (next + 1) & mask;
            let (hash, _) = self.entries[next];
            if hash == 0 {
                break;
            }
            // An entry moves into the gap unless it would stand in front of its home then.
            let from_home = next.wrapping_sub(self.home(hash)) & mask;
            if from_home >= (next.wrapping_sub(gap) & mask) {
                self.entries[gap] = self.entries[next];
                gap = next;
            }
        }
        self.entries[gap].0 = 0;
    }

    /// Returns the place of `hash`, or the free entry where it would be.
    fn find(&self, hash: u64) -> usize {
        let mask = self.entries.len() - 1;
        let mut at = self.home(hash);
        while self.entries[at].0 != 0 && self.entries[at].0 != hash {
            at = (at + 1) & mask;
        }
        at
    }

    fn home(&self, hash: u64) -> usize {
        let mask = self.entries.len() - 1;
        usize::try_from(hash & mask as u64).unwrap_or_default()
    }

    fn grow(&mut self) {
        let wider = vec![Self::free(); self.entries.len() * 2];
        for (hash, lane) in std::mem::replace(&mut self.entries, wider) {
            if hash != 0 {
                let at = self.find(hash);
                self.entries[at] = (hash, lane);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn it_agrees_with_a_hash_map_for_any_insertions_and_removals() {
        for seed in 0..20 {
            let mut random = crate::listener::random::Random::new(seed);
            let mut table = KeyTable::with_room_for(4);
            let mut model: HashMap<u64, LaneId> = HashMap::new();
            for step in 0..500 {
                // Few distinct low bits, so that runs collide and wrap around.
                let hash = 1 + random.below(24) as u64 * 16 + random.below(2) as u64;
                let key = KeyHash::from(hash);
                if model.remove(&hash).is_some() {
                    table.remove(key);
                } else {
                    table.insert(key, LaneId::from(step));
                    model.insert(hash, LaneId::from(step));
                }
                assert_eq!(table.len(), model.len(), "seed {seed}");
                for hash in (1..400).step_by(3) {
                    let expected = model.get(&hash).copied();
                    assert_eq!(table.get(KeyHash::from(hash)), expected, "seed {seed}");
                }
            }
        }
    }

    #[test]
    fn nearby_keys_hash_apart_and_never_to_zero() {
        let mut seen = std::collections::HashSet::new();
        for number in 0..10_000_u32 {
            assert!(seen.insert(KeyHash::of(7, format!("key-{number}").as_bytes()).0));
        }
        assert!(seen.insert(KeyHash::of(7, b"").0));
        assert!(seen.insert(KeyHash::of(7, b"\0").0));
        assert!(!seen.contains(&0));
    }
}
