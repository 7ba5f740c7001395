//! What the members read, as far as it can be told.
//!
//! Assignor metadata is the clients' own affair. Only in groups of the type `consumer` does it begin with a version and
//! the subscribed topics (Kafka's `ConsumerProtocolSubscription`).

use std::collections::HashSet;

use bytes::{Buf, Bytes};

use super::group::{ClassicGroup, Phase};

/// What all members of a group subscribe to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Subscriptions {
    /// Nobody is in the group.
    None,
    /// These topics.
    Topics(HashSet<String>),
    /// A rebalance is running, or the members don't speak Kafka's consumer protocol.
    Unknown,
}

impl ClassicGroup {
    /// The topics in use.
    pub(crate) fn subscriptions(&self) -> Subscriptions {
        match self.phase {
            Phase::Empty => Subscriptions::None,
            Phase::Joining(_) | Phase::Syncing { .. } => Subscriptions::Unknown,
            Phase::Stable { .. } if self.protocol_type.as_deref() != Some("consumer") => {
                Subscriptions::Unknown
            }
            Phase::Stable { .. } => {
                let topics =
                    self.members.values().map(|member| topics(member.metadata(self.protocol.as_ref())));
                let all: Option<Vec<_>> = topics.collect();
                all.map_or(Subscriptions::Unknown, |all| {
                    Subscriptions::Topics(all.into_iter().flatten().collect())
                })
            }
        }
    }
}

/// The topics of one subscription, or `None` if this is not one.
fn topics(mut metadata: Bytes) -> Option<Vec<String>> {
    let _version = metadata.try_get_u16().ok()?;
    let count = metadata.try_get_i32().ok()?;
    let mut topics = Vec::new();
    for _ in 0..count {
        let length = usize::from(metadata.try_get_u16().ok()?);
        if metadata.remaining() < length {
            return None;
        }
        topics.push(String::from_utf8(metadata.split_to(length).into()).ok()?);
    }
    Some(topics)
}

/// Any bytes as the metadata of a member.
#[cfg(fuzzing)]
pub(crate) fn fuzz(input: &[u8]) {
    drop(topics(Bytes::copy_from_slice(input)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consumers_topics_are_read_and_what_follows_them_is_not() {
        let metadata = Bytes::from_static(b"\0\x01\0\0\0\x02\0\x01a\0\x02bc\0\0\0\x03own");
        assert_eq!(topics(metadata), Some(vec!["a".to_owned(), "bc".to_owned()]));
    }

    #[test]
    fn foreign_or_cut_metadata_tells_nothing() {
        for metadata in
            [&b""[..], b"\0\x01\x7f\xff\xff\xff", b"\0\0\0\0\0\x01\0\x05abc", b"\0\0\0\0\0\x01\0\x01\xff"]
        {
            assert_eq!(topics(Bytes::from_static(metadata)), None, "{metadata:?}");
        }
    }
}
