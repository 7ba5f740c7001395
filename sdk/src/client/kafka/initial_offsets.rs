//! The position at which a consumer begins to read a partition without a commit of its group.
//!
//! librdkafka looks for that place some time after it was given the partition. With
//! `auto.offset.reset=latest` nothing of what is written until then is ever seen, and neither is
//! what is written while no member runs. So the place is found before the partition is taken, and
//! committed at once (Spring's `AssignmentCommitOption.LATEST_ONLY`). `latest` is the end of what
//! was there when the listener started: a partition that came later, by its topic or alone, is read
//! from its beginning.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::{Offset as NativeOffset, TopicPartitionList};

use super::raw;
use crate::client::topic_identity::{TopicId, TopicIdentities, TopicIdentity};
use crate::config::ClientProperties;
use crate::types::{Offset, PartitionId, TopicName, TopicPartition};

/// Longest wait for one answer of the cluster. The consumer is not polled meanwhile.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The places where the consumers of one listener begin.
#[derive(Debug)]
pub(crate) struct InitialOffsets {
    reset: Reset,
    topics: Vec<TopicName>,
    /// Guards what is known. Held for a look or a note, never while the cluster is asked.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The topics at the listener's first assignment, with their numbers of partitions.
    at_start: Option<BTreeMap<TopicName, usize>>,
    /// Topics that were missing since, or made again.
    new: BTreeSet<TopicName>,
    /// The ids of the topics when they were last seen.
    ids: BTreeMap<TopicName, TopicId>,
    /// Places that were found and could not be committed.
    uncommitted: BTreeMap<TopicPartition, Offset>,
}

/// `auto.offset.reset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reset {
    Beginning,
    End,
    Refuse,
}

/// No place was found.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum Unplaced {
    /// The group has committed nothing, and is told not to begin anywhere.
    #[error(
        "the group has committed no offset for {partition} and auto.offset.reset = \"{reset}\" forbids to choose one: \
         commit one, or set auto.offset.reset to earliest or latest"
    )]
    Refused {
        partition: TopicPartition,
        reset: String,
    },
    /// The cluster did not answer.
    #[error(
        "where to begin cannot be found: {0}; the client looks for itself, and what is written until then may be missed"
    )]
    Unknown(#[from] KafkaError),
}

impl InitialOffsets {
    /// For a listener of these topics whose consumers are made of these properties.
    pub(crate) fn new(topics: Vec<TopicName>, properties: &ClientProperties) -> Self {
        let reset = Reset::of(properties.get("auto.offset.reset").unwrap_or("latest"));
        Self {
            reset,
            topics,
            known: Mutex::default(),
        }
    }

    /// The client says that a topic is missing: if it is there later, it is new.
    pub(super) fn note_missing(&self, topic: &TopicName) {
        if self.topics.contains(topic) {
            self.known().new.insert(topic.clone());
        }
    }

    /// Takes note of what topics are, and tells once of each that was made again.
    pub(super) fn note(&self, identities: &TopicIdentities) {
        for topic in self.known().made_again(identities) {
            tracing::warn!(
                %topic,
                "the topic was deleted and made again: what is left of the old one is dropped, and the new one is read \
                 from its beginning"
            );
        }
    }

    /// Finds the places of those partitions that the group has committed nothing for, and commits
    /// them. Answers with those that could not be committed.
    ///
    /// Waits for the cluster. `earliest` needs none of it: the beginning does not run away.
    ///
    /// # Errors
    /// [`Unplaced`].
    pub(super) fn place<C: ConsumerContext>(
        &self,
        client: &BaseConsumer<C>,
        assigned: &TopicPartitionList,
    ) -> Result<Vec<(TopicPartition, Offset)>, Unplaced> {
        if self.reset == Reset::Beginning {
            return Ok(Vec::new());
        }
        self.remember_the_start(client)?;
        let new = uncommitted(client, assigned)?;
        let Some(first) = new.first() else {
            return Ok(Vec::new());
        };
        if self.reset == Reset::Refuse {
            return Err(Unplaced::Refused {
                partition: first.clone(),
                reset: "error".to_owned(),
            });
        }
        let places = self.look_up(client, &new)?;
        tracing::info!(
            ?places,
            "nothing is committed for these partitions: they are read from here on"
        );
        let stored = raw::commit_within(client.client(), &places, ANSWER_TIMEOUT);
        let places = offsets(&places);
        self.keep(&places, matches!(stored, Some(Ok(()))));
        let known = self.known();
        Ok(places
            .into_iter()
            .filter(|(at, _)| known.uncommitted.contains_key(at))
            .collect())
    }

    /// Takes note of what is there when the listener has its first assignment, which may be empty.
    fn remember_the_start<C: ConsumerContext>(&self, client: &BaseConsumer<C>) -> KafkaResult<()> {
        if self.known().at_start.is_some() {
            return Ok(());
        }
        let mut sizes = BTreeMap::new();
        for topic in &self.topics {
            let metadata = client.fetch_metadata(Some(topic.as_str()), ANSWER_TIMEOUT)?;
            let partitions = metadata
                .topics()
                .iter()
                .map(|known| known.partitions().len())
                .max();
            sizes.insert(topic.clone(), partitions.unwrap_or(0));
        }
        self.known().at_start.get_or_insert(sizes);
        Ok(())
    }

    /// The places of partitions: what was found before, the beginning of those that are new, the
    /// end of the others.
    fn look_up<C: ConsumerContext>(
        &self,
        client: &BaseConsumer<C>,
        partitions: &[TopicPartition],
    ) -> KafkaResult<TopicPartitionList> {
        let (mut found, mut asked) = (TopicPartitionList::new(), TopicPartitionList::new());
        let known = self.known();
        for at in partitions {
            let (list, place) = match known.uncommitted.get(at) {
                Some(Offset(offset)) => (&mut found, NativeOffset::Offset(*offset)),
                None if known.is_new(at) => (&mut asked, NativeOffset::Beginning),
                None => (&mut asked, NativeOffset::End),
            };
            list.add_partition_offset(at.topic.as_str(), at.partition.0, place)?;
        }
        drop(known);
        if asked.count() > 0 {
            for element in client.offsets_for_times(asked, ANSWER_TIMEOUT)?.elements() {
                element.error()?;
                found.add_partition_offset(
                    element.topic(),
                    element.partition(),
                    element.offset(),
                )?;
            }
        }
        Ok(found)
    }

    /// Another member that is given a partition finds the place where it is committed; where it
    /// could not be, it must not be another one the next time.
    fn keep(&self, places: &[(TopicPartition, Offset)], are_committed: bool) {
        let mut known = self.known();
        for (at, place) in places {
            if are_committed {
                known.uncommitted.remove(at);
            } else {
                known.uncommitted.insert(at.clone(), *place);
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The topics that are others than those that were seen before.
    fn made_again(&mut self, identities: &TopicIdentities) -> Vec<TopicName> {
        let mut made_again = Vec::new();
        for (topic, identity) in identities {
            if *identity == TopicIdentity::Missing {
                self.new.insert(topic.clone());
            }
            let Some(id) = identity.id() else { continue };
            if self
                .ids
                .insert(topic.clone(), id)
                .is_some_and(|known| known != id)
            {
                self.new.insert(topic.clone());
                self.uncommitted.retain(|at, _| at.topic != *topic);
                made_again.push(topic.clone());
            }
        }
        made_again
    }

    /// Whether a partition was not there yet when the listener started.
    fn is_new(&self, at: &TopicPartition) -> bool {
        if self.new.contains(&at.topic) {
            return true;
        }
        let Some(at_start) = &self.at_start else {
            return false;
        };
        let partition = usize::try_from(at.partition.0).unwrap_or(0);
        at_start
            .get(&at.topic)
            .is_none_or(|partitions| partition >= *partitions)
    }
}

impl Reset {
    fn of(value: &str) -> Self {
        match value.to_ascii_lowercase().as_str() {
            "smallest" | "earliest" | "beginning" => Self::Beginning,
            "error" => Self::Refuse,
            // librdkafka's default. What it does not know it has refused.
            _ => Self::End,
        }
    }
}

/// The partitions of the list that the group has committed nothing for.
fn uncommitted<C: ConsumerContext>(
    client: &BaseConsumer<C>,
    assigned: &TopicPartitionList,
) -> KafkaResult<Vec<TopicPartition>> {
    if assigned.count() == 0 {
        return Ok(Vec::new());
    }
    let committed = client.committed_offsets(assigned.clone(), ANSWER_TIMEOUT)?;
    let mut new = Vec::new();
    for element in committed.elements() {
        element.error()?;
        if element.offset() == NativeOffset::Invalid
            && let Ok(topic) = TopicName::new(element.topic())
        {
            new.push(TopicPartition::new(topic, PartitionId(element.partition())));
        }
    }
    Ok(new)
}

fn offsets(places: &TopicPartitionList) -> Vec<(TopicPartition, Offset)> {
    let elements = places.elements();
    let known = elements.iter().filter_map(|element| {
        let (Ok(topic), NativeOffset::Offset(place)) =
            (TopicName::new(element.topic()), element.offset())
        else {
            return None;
        };
        Some((
            TopicPartition::new(topic, PartitionId(element.partition())),
            Offset(place),
        ))
    });
    known.collect()
}

/// Makes the client begin at these places, in partitions that it is about to be assigned.
pub(super) fn begin_at(assigned: &TopicPartitionList, places: &[(TopicPartition, Offset)]) {
    for (at, Offset(place)) in places {
        let begun = assigned
            .find_partition(at.topic.as_str(), at.partition.0)
            .map(|mut element| element.set_offset(NativeOffset::Offset(*place)));
        if let Some(Err(error)) = begun {
            tracing::warn!(%error, partition = %at, "the client takes no start position");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::kafka::notices::named_topic;

    fn at(topic: &str, partition: i32) -> TopicPartition {
        TopicPartition::new(TopicName::new(topic).unwrap(), PartitionId(partition))
    }

    #[test]
    fn what_came_after_the_start_is_new() {
        let at_start = BTreeMap::from([(TopicName::new("orders").unwrap(), 4)]);
        let known = Known {
            at_start: Some(at_start),
            ..Known::default()
        };
        assert!(!known.is_new(&at("orders", 3)));
        assert!(known.is_new(&at("orders", 4)), "a partition that was added");
        assert!(known.is_new(&at("refunds", 0)), "a topic that was made");
        assert!(
            !Known::default().is_new(&at("orders", 9)),
            "nothing is known"
        );
    }

    #[test]
    fn a_topic_that_was_missing_is_new_when_it_comes() {
        let topics = vec![
            TopicName::new("orders").unwrap(),
            TopicName::new("orders.eu").unwrap(),
        ];
        let positions = InitialOffsets::new(topics, &ClientProperties::new());
        let told = "Subscribed topic not available: orders.eu: Broker: Unknown topic or partition";
        positions.note_missing(&named_topic(told).unwrap());
        assert!(positions.known().is_new(&at("orders.eu", 0)));
        assert!(!positions.known().is_new(&at("orders", 0)));
    }

    #[test]
    fn a_topic_that_is_made_again_is_new_and_told_once() {
        let topic = TopicName::new("orders").unwrap();
        let is =
            |low| TopicIdentities::from([(topic.clone(), TopicIdentity::Id(TopicId::new(0, low)))]);
        let at_start = Some(BTreeMap::from([(topic.clone(), 4)]));
        let uncommitted = BTreeMap::from([(at("orders", 1), Offset(7))]);
        let mut known = Known {
            at_start,
            uncommitted,
            ..Known::default()
        };
        assert_eq!(known.made_again(&is(1)), []);
        assert!(!known.is_new(&at("orders", 1)));
        assert_eq!(known.made_again(&is(2)), std::slice::from_ref(&topic));
        assert_eq!(known.made_again(&is(2)), []);
        assert!(known.is_new(&at("orders", 1)) && known.uncommitted.is_empty());
    }

    #[test]
    fn a_place_that_could_not_be_committed_is_kept() {
        let positions = InitialOffsets::new(Vec::new(), &ClientProperties::new());
        let places = [(at("orders", 1), Offset(7))];
        positions.keep(&places, false);
        assert_eq!(
            positions.known().uncommitted,
            BTreeMap::from([(at("orders", 1), Offset(7))])
        );
        positions.keep(&places, true);
        assert_eq!(positions.known().uncommitted, BTreeMap::new());
    }
}
