//! Expiry of committed offsets.
//!
//! A group without members loses its offsets after `offsets.retention.minutes` (KIP-211). A group
//! in use loses only those of topics that no member subscribes to any longer; while a rebalance
//! runs it loses nothing.

use std::time::Duration;

use super::classic::Subscriptions;
use super::committed::{CommittedOffset, CommittedOffsets};
use super::member_group::MemberGroup;
use crate::types::{Timestamp, TopicPartition};

/// Returns the offsets to delete. `since` is when the group came to its present state,
/// [`Timestamp::NONE`] if that is not known.
pub(crate) fn expired(
    group: &MemberGroup,
    offsets: &CommittedOffsets,
    since: Timestamp,
    retention: Duration,
    now: Timestamp,
) -> Vec<TopicPartition> {
    let subscriptions = group.subscriptions();
    let is_due = |at: &TopicPartition, committed: &CommittedOffset| {
        let unused_since = match &subscriptions {
            // No member ever joined: each offset ages on its own.
            Subscriptions::None if group.protocol_type().is_none() => committed.committed_at,
            // An administrator may commit to an empty group: such an offset has its full time, too.
            Subscriptions::None => committed.committed_at.max(since),
            Subscriptions::Topics(topics) if !topics.contains(at.topic.as_str()) => {
                committed.committed_at
            }
            Subscriptions::Topics(_) | Subscriptions::Unknown => return false,
        };
        match committed.expires_at {
            Some(at) => now >= at,
            None => now.since(unused_since) >= retention,
        }
    };
    offsets
        .iter()
        .filter(|(at, committed)| is_due(at, committed))
        .map(|(at, _)| at)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::config::{Config, Settings};
    use crate::group::classic::{Client, SavedMember, Snapshot};
    use crate::group::ids::Generation;
    use crate::runtime::Clock;
    use crate::types::{LeaderEpoch, Offset, PartitionId, TopicName};

    const HOUR: Duration = Duration::from_hours(1);

    /// A group of the type `kind`, with one member that reads `topic` if one is given.
    fn group(kind: Option<&str>, topic: Option<&str>) -> MemberGroup {
        let subscription = topic.map(|topic| {
            let length = u8::try_from(topic.len()).unwrap();
            Bytes::from([b"\0\0\0\0\0\x01\0", &[length][..], topic.as_bytes()].concat())
        });
        let member = |subscription| SavedMember {
            member: "a".into(),
            instance: None,
            client: Client {
                id: "c".into(),
                host: "h".into(),
            },
            session_timeout: HOUR,
            rebalance_timeout: HOUR,
            subscription,
            assignment: Bytes::new(),
        };
        let snapshot = Snapshot {
            protocol_type: kind.map(Into::into),
            generation: Generation(1),
            protocol: Some("range".into()),
            leader: None,
            members: subscription.map(member).into_iter().collect(),
        };
        MemberGroup::restore(
            snapshot,
            Config::resolve(Settings::new()).unwrap().groups,
            Clock::new().now(),
        )
    }

    /// Offsets of the topics `a` and `b`, committed at the hours given.
    fn offsets(a: u32, b: u32) -> CommittedOffsets {
        let mut offsets = CommittedOffsets::default();
        for (topic, hour) in [("a", a), ("b", b)] {
            let committed = CommittedOffset {
                offset: Offset(1),
                leader_epoch: LeaderEpoch::NONE,
                metadata: "".into(),
                committed_at: hours(hour),
                expires_at: None,
                topic_id: None,
            };
            offsets.commit(
                TopicPartition::new(TopicName::new(topic).unwrap(), PartitionId(0)),
                committed,
            );
        }
        offsets
    }

    fn hours(count: u32) -> Timestamp {
        Timestamp(0).plus(HOUR * count)
    }

    fn gone(group: &MemberGroup, offsets: &CommittedOffsets, since: u32, now: u32) -> String {
        let gone = expired(group, offsets, hours(since), HOUR * 10, hours(now));
        gone.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_group_without_members_keeps_its_offsets_for_the_retention_time() {
        let group = group(Some("consumer"), None);
        assert_eq!(gone(&group, &offsets(0, 0), 5, 14), "");
        assert_eq!(gone(&group, &offsets(0, 0), 5, 15), "a-0 b-0");
        assert_eq!(gone(&group, &offsets(0, 6), 5, 15), "a-0");
    }

    #[test]
    fn offsets_that_no_group_ever_joined_for_age_on_their_own() {
        assert_eq!(gone(&group(None, None), &offsets(0, 3), 12, 12), "a-0");
    }

    #[test]
    fn a_subscribed_topic_never_loses_its_offsets_and_one_given_up_does() {
        assert_eq!(
            gone(&group(Some("consumer"), Some("a")), &offsets(0, 0), 0, 100),
            "b-0"
        );
    }

    #[test]
    fn a_group_whose_topics_are_unknown_loses_nothing_while_it_has_members() {
        assert_eq!(
            gone(&group(Some("connect"), Some("a")), &offsets(0, 0), 0, 100),
            ""
        );
    }

    #[test]
    fn an_offset_with_an_expiry_of_its_own_follows_it() {
        let mut offsets = offsets(0, 0);
        let (at, committed) = offsets
            .iter()
            .next()
            .map(|(at, one)| (at, one.clone()))
            .unwrap();
        offsets.commit(
            at,
            CommittedOffset {
                expires_at: Some(hours(2)),
                ..committed
            },
        );
        assert_eq!(gone(&group(None, None), &offsets, 0, 1), "");
        assert_eq!(gone(&group(None, None), &offsets, 0, 2), "a-0");
    }
}
