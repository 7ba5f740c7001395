//! The number of members of a group, and of partitions for them.

use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::KafkaResult;

use crate::client::consumer::GroupSize;
use crate::types::{GroupId, TopicName};

/// Asks for the size of a group. `None` when the brokers do not describe it, as a client needs
/// DESCRIBE on it, and those of the protocol of KIP-848 are described otherwise.
pub(super) fn group_size<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    group: &GroupId,
    topics: &[TopicName],
    within: Duration,
) -> KafkaResult<Option<GroupSize>> {
    let mut partitions = 0;
    for topic in topics {
        let metadata = client.fetch_metadata(Some(topic.as_str()), within)?;
        partitions += metadata
            .topics()
            .iter()
            .map(|known| known.partitions().len())
            .sum::<usize>();
    }
    let groups = client.fetch_group_list(Some(group.as_str()), within)?;
    let described = groups
        .groups()
        .iter()
        .find(|known| known.name() == group.as_str());
    let members = described.map_or(0, |known| known.members().len());
    // The one who asks is a member.
    Ok((members > 0).then_some(GroupSize {
        members,
        partitions,
    }))
}
