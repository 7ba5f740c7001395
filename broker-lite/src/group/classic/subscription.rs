//! The topics that members subscribe to, and the partitions that they own.
//!
//! A broker does not interpret assignor metadata in general. Only in groups of the type `consumer`
//! does it begin with a version and the subscribed topics (`ConsumerProtocolSubscription`).

use std::collections::HashSet;

use bytes::{Buf, Bytes};

use super::machine::{ClassicGroup, Phase};

/// The topics that the members of a group subscribe to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Subscriptions {
    /// The group has no members.
    None,
    /// These topics.
    Topics(HashSet<String>),
    /// A rebalance is running, or the members don't speak Kafka's consumer protocol.
    Unknown,
}

impl ClassicGroup {
    /// Returns the topics that any member subscribes to.
    pub(crate) fn subscriptions(&self) -> Subscriptions {
        match self.phase {
            Phase::Empty => Subscriptions::None,
            Phase::Joining(_) | Phase::Syncing { .. } => Subscriptions::Unknown,
            Phase::Stable(_) if self.protocol_type.as_deref() != Some("consumer") => {
                Subscriptions::Unknown
            }
            Phase::Stable(_) => {
                let topics = self
                    .members
                    .values()
                    .map(|member| topics(member.metadata(self.protocol.as_ref())));
                let all: Option<Vec<_>> = topics.collect();
                all.map_or(Subscriptions::Unknown, |all| {
                    Subscriptions::Topics(all.into_iter().flatten().collect())
                })
            }
        }
    }
}

/// Partitions of several topics.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Partitions(HashSet<(String, i32)>);

impl Partitions {
    /// Returns the partitions that a member owns (KIP-429), or `None` if its subscription has no
    /// such field: before version 1.
    pub(super) fn owned(mut metadata: Bytes) -> Option<Self> {
        let version = metadata.try_get_u16().ok()?;
        strings(&mut metadata)?;
        user_data(&mut metadata)?;
        (version >= 1).then(|| Self::read(&mut metadata))?
    }

    /// Returns the partitions of an assignment, or `None` if it can't be read. A member that the
    /// leader left out has none.
    pub(super) fn assigned(mut assignment: Bytes) -> Option<Self> {
        if assignment.is_empty() {
            return Some(Self(HashSet::new()));
        }
        let _version = assignment.try_get_u16().ok()?;
        Self::read(&mut assignment)
    }

    pub(super) fn is_subset(&self, of: &Self) -> bool {
        self.0.is_subset(&of.0)
    }

    fn read(from: &mut Bytes) -> Option<Self> {
        let mut partitions = HashSet::new();
        for _ in 0..from.try_get_i32().ok()? {
            let topic = string(from)?;
            for _ in 0..from.try_get_i32().ok()? {
                partitions.insert((topic.clone(), from.try_get_i32().ok()?));
            }
        }
        Some(Self(partitions))
    }
}

/// Returns the topics of one subscription, or `None` if it can't be read.
fn topics(mut metadata: Bytes) -> Option<Vec<String>> {
    let _version = metadata.try_get_u16().ok()?;
    strings(&mut metadata)
}

fn strings(from: &mut Bytes) -> Option<Vec<String>> {
    let mut strings = Vec::new();
    for _ in 0..from.try_get_i32().ok()? {
        strings.push(string(from)?);
    }
    Some(strings)
}

fn string(from: &mut Bytes) -> Option<String> {
    let length = usize::from(from.try_get_u16().ok()?);
    if from.remaining() < length {
        return None;
    }
    String::from_utf8(from.split_to(length).into()).ok()
}

/// Skips the assignor's own data, which may be null.
fn user_data(from: &mut Bytes) -> Option<()> {
    let length = from.try_get_i32().ok()?;
    let length = if length == -1 {
        0
    } else {
        usize::try_from(length).ok()?
    };
    if from.remaining() < length {
        return None;
    }
    from.advance(length);
    Some(())
}

/// Any bytes as the metadata of a member.
#[cfg(fuzzing)]
pub(crate) fn fuzz(input: &[u8]) {
    let input = Bytes::copy_from_slice(input);
    drop((
        topics(input.clone()),
        Partitions::owned(input.clone()),
        Partitions::assigned(input),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consumers_topics_are_read_and_what_follows_them_is_not() {
        let metadata = Bytes::from_static(b"\0\x01\0\0\0\x02\0\x01a\0\x02bc\0\0\0\x03own");
        assert_eq!(
            topics(metadata),
            Some(vec!["a".to_owned(), "bc".to_owned()])
        );
    }

    fn pairs(partitions: Option<Partitions>) -> Option<Vec<(String, i32)>> {
        let mut pairs: Vec<_> = partitions?.0.into_iter().collect();
        pairs.sort();
        Some(pairs)
    }

    #[test]
    fn what_a_member_had_and_what_it_gets_is_read() {
        let read = b"\0\0\0\x01\0\x01t\0\0\0\x02\0\0\0\x05\0\0\0\x01";
        let expected = Some(vec![("t".to_owned(), 1), ("t".to_owned(), 5)]);
        for (user_data, version) in [(&b"\xff\xff\xff\xff"[..], 1), (b"\0\0\0\x02ab", 3)] {
            let metadata = [
                &[0, version][..],
                b"\0\0\0\x01\0\x01t",
                user_data,
                read,
                b"more",
            ]
            .concat();
            assert_eq!(pairs(Partitions::owned(metadata.into())), expected);
        }
        assert_eq!(
            pairs(Partitions::assigned([b"\0\0", &read[..]].concat().into())),
            expected
        );
        assert_eq!(pairs(Partitions::assigned(Bytes::new())), Some(Vec::new()));
        let silent = [b"\0\0\0\0\0\x01\0\x01t\xff\xff\xff\xff", &read[..]].concat();
        assert_eq!(
            pairs(Partitions::owned(silent.into())),
            None,
            "version 0 does not say"
        );
    }

    #[test]
    fn foreign_or_cut_metadata_tells_nothing() {
        for metadata in [
            &b""[..],
            b"\0\x01\x7f\xff\xff\xff",
            b"\0\0\0\0\0\x01\0\x05abc",
            b"\0\0\0\0\0\x01\0\x01\xff",
        ] {
            assert_eq!(topics(Bytes::from_static(metadata)), None, "{metadata:?}");
            assert_eq!(
                Partitions::owned(Bytes::from_static(metadata)),
                None,
                "{metadata:?}"
            );
        }
    }
}
