//! Looks into a cluster from outside of all groups: the records of a topic, the ends of its
//! partitions, what a group has committed. For test kits and tools; nothing is committed and no
//! group is joined.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset as NativeOffset, TopicPartitionList};

use super::fetch_errors::is_damage;
use super::hand_over::hand_over;
use super::logs::Asking;
use super::properties::{client_config, words};
use super::raw::{Message, MessageBuffer, RecordQueue};
use crate::client::{ClientError, Record, RecordBatchBuilder, RecordParts, RecordSink};
use crate::config::ClientProperties;
use crate::runtime::Clock;
use crate::types::{GroupId, Offset, PartitionId, TopicName, TopicPartition};

/// Asks a cluster questions, each over a connection of its own. Cloning is cheap.
#[derive(Debug, Clone)]
pub(crate) struct Inspector {
    properties: Arc<ClientProperties>,
    clock: Clock,
}

/// The first and the last offset of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartitionEnds {
    /// The first offset that is still there.
    pub(crate) first: Offset,
    /// The offset that the next record gets.
    pub(crate) next: Offset,
}

/// Longest sleep of a reading thread; it is woken when records arrive.
const MAX_SLEEP: Duration = Duration::from_millis(10);

/// Most records taken at once.
const MAX_DRAINED: usize = 500;

impl Inspector {
    /// An inspector of the cluster that these properties lead to.
    #[must_use]
    pub(crate) fn new(mut properties: ClientProperties, clock: Clock) -> Self {
        properties.set_default("group.id", "wellspring-inspector");
        // At librdkafka's 100, each question sits out about 100 ms between its first two
        // connections.
        properties.set_default("reconnect.backoff.ms", "10");
        properties.set_default("check.crcs", "true");
        properties.set("enable.auto.commit", "false");
        properties.set("enable.auto.offset.store", "false");
        properties.set("auto.offset.reset", "earliest");
        properties.set("enable.partition.eof", "true");
        Self {
            properties: Arc::new(properties),
            clock,
        }
    }

    /// Reads a topic from its beginning until `enough` says so, and in any case to the end that its
    /// partitions have when they are reached.
    ///
    /// `enough` sees the records so far, and whether all partitions are read to their end.
    ///
    /// # Errors
    /// When the cluster cannot be asked, when a batch that is wanted can't be read, and when the
    /// time is over before all partitions were read to their end. After that running out of
    /// time is none: the records so far are the answer.
    ///
    /// # Cancel safety
    /// Nothing is lost; the reading thread ends by its deadline.
    pub(crate) async fn read(
        &self,
        topic: &TopicName,
        within: Duration,
        enough: impl FnMut(&[Record], bool) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Vec<Record>, ClientError> {
        let topic = topic.clone();
        self.ask(within, move |client, deadline| {
            read(client, &deadline, &topic, enough)
        })
        .await
    }

    /// The ends of every partition of a topic.
    ///
    /// # Errors
    /// When the cluster cannot be asked, or has no such topic.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub(crate) async fn ends(
        &self,
        topic: &TopicName,
        within: Duration,
    ) -> Result<BTreeMap<PartitionId, PartitionEnds>, ClientError> {
        let topic = topic.clone();
        self.ask(within, move |client, deadline| {
            let ends = |partition| {
                let (first, next) = client
                    .fetch_watermarks(topic.as_str(), partition, deadline.left())
                    .map_err(|error| refused("the ends of a partition", &error))?;
                Ok((
                    PartitionId(partition),
                    PartitionEnds {
                        first: Offset(first),
                        next: Offset(next),
                    },
                ))
            };
            partitions(client, &deadline, &topic)?
                .into_iter()
                .map(ends)
                .collect()
        })
        .await
    }

    /// The offsets a group has committed for a topic: the next ones it reads. A partition that it
    /// has committed nothing for is left out.
    ///
    /// # Errors
    /// When the cluster cannot be asked, or has no such topic.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub(crate) async fn committed(
        &self,
        group: &GroupId,
        topic: &TopicName,
        within: Duration,
    ) -> Result<BTreeMap<PartitionId, Offset>, ClientError> {
        let mut properties = ClientProperties::clone(&self.properties);
        properties.set("group.id", group.as_str());
        let of_group = Self {
            properties: Arc::new(properties),
            clock: self.clock.clone(),
        };
        let topic = topic.clone();
        of_group
            .ask(within, move |client, deadline| {
                let mut wanted = TopicPartitionList::new();
                for partition in partitions(client, &deadline, &topic)? {
                    wanted.add_partition(topic.as_str(), partition);
                }
                let committed = client
                    .committed_offsets(wanted, deadline.left())
                    .map_err(|error| refused("the committed offsets", &error))?;
                let known = committed.elements().into_iter().filter_map(|element| {
                    let NativeOffset::Offset(next) = element.offset() else {
                        return None;
                    };
                    Some((PartitionId(element.partition()), Offset(next)))
                });
                Ok(known.collect())
            })
            .await
    }

    /// Runs a question on a thread of its own, since librdkafka's calls block.
    async fn ask<T: Send + 'static>(
        &self,
        within: Duration,
        question: impl FnOnce(&BaseConsumer<Asking>, Deadline) -> Result<T, ClientError>
        + Send
        + 'static,
    ) -> Result<T, ClientError> {
        let inspector = self.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let deadline = Deadline {
                at: inspector.clock.after(within),
                within,
                clock: inspector.clock,
            };
            let client: BaseConsumer<Asking> = client_config(&inspector.properties)
                .create_with_context(Asking::client("inspector"))
                .map_err(|error: KafkaError| ClientError::Create {
                    reason: words(&error),
                })?;
            let answer = question(&client, deadline);
            // Closing takes up to 100 ms, which nobody needs to wait for.
            tokio::task::spawn_blocking(move || drop(client));
            answer
        });
        let panicked = |error: tokio::task::JoinError| ClientError::Request {
            request: "an inspection",
            reason: error.to_string(),
        };
        asked.await.map_err(panicked)?
    }
}

/// When a question must be answered.
struct Deadline {
    at: Instant,
    within: Duration,
    clock: Clock,
}

impl Deadline {
    const fn missed(&self, request: &'static str) -> ClientError {
        ClientError::TimedOut {
            request,
            within: self.within,
        }
    }

    fn left(&self) -> Duration {
        self.at.saturating_duration_since(self.clock.now())
    }
}

fn read(
    client: &BaseConsumer<Asking>,
    deadline: &Deadline,
    topic: &TopicName,
    mut enough: impl FnMut(&[Record], bool) -> ControlFlow<()>,
) -> Result<Vec<Record>, ClientError> {
    let partitions = partitions(client, deadline, topic)?;
    let Some(queue) = RecordQueue::of_this_thread(client.client()) else {
        return Ok(Vec::new());
    };
    let mut wanted = TopicPartitionList::new();
    for partition in &partitions {
        queue.forward(client.client(), topic.as_str(), *partition);
        wanted
            .add_partition_offset(topic.as_str(), *partition, NativeOffset::Beginning)
            .map_err(|error| refused("an assignment", &error))?;
    }
    client
        .assign(&wanted)
        .map_err(|error| refused("an assignment", &error))?;
    let mut buffer = MessageBuffer::with_room_for(MAX_DRAINED);
    let mut records = Vec::new();
    let mut open = partitions;
    loop {
        let mut batch = Batch::default();
        let mut damage = None;
        queue.drain(&mut buffer, MAX_DRAINED, |message| match message.error() {
            // What comes behind damage is no answer.
            _ if damage.is_some() => {}
            None => {
                batch.source = Some(TopicPartition::new(
                    topic.clone(),
                    PartitionId(message.partition()),
                ));
                hand_over(&message, &mut batch);
            }
            Some(RDKafkaErrorCode::PartitionEOF) => {
                open.retain(|partition| *partition != message.partition())
            }
            Some(code) if is_damage(code) => damage = Some(unreadable(topic, &message, code)),
            Some(code) => tracing::debug!(%code, %topic, "a fetch failed, the client tries again"),
        });
        let batch = batch.builder.build();
        records.extend((0..batch.len()).filter_map(|index| batch.record(index)));
        if enough(&records, open.is_empty()).is_break() {
            return Ok(records);
        }
        if let Some(damage) = damage {
            return Err(damage);
        }
        if deadline.left().is_zero() {
            return if open.is_empty() {
                Ok(records)
            } else {
                Err(deadline.missed("a topic's records"))
            };
        }
        // Errors and statistics of the client itself; records come through the queue.
        drop(client.poll(Duration::ZERO));
        if batch.is_empty() {
            std::thread::park_timeout(MAX_SLEEP);
        }
    }
}

fn unreadable(topic: &TopicName, message: &Message<'_>, code: RDKafkaErrorCode) -> ClientError {
    let detail = message
        .payload()
        .map(String::from_utf8_lossy)
        .unwrap_or_default();
    ClientError::Unreadable {
        partition: TopicPartition::new(topic.clone(), PartitionId(message.partition())),
        offset: Offset(message.offset()),
        reason: format!("{detail} ({code})"),
    }
}

/// Collects what one drain hands over.
#[derive(Default)]
struct Batch {
    builder: RecordBatchBuilder,
    source: Option<TopicPartition>,
}

impl RecordSink for Batch {
    fn record(&mut self, parts: RecordParts<'_>) {
        if let Some(source) = &self.source
            && !self.builder.push(source, parts)
        {
            tracing::error!(%source, "a batch of more than 4 GiB");
        }
    }

    fn header(&mut self, name: &[u8], value: Option<&[u8]>) {
        if !self.builder.header(name, value) {
            tracing::error!("a batch of more than 4 GiB");
        }
    }
}

fn partitions(
    client: &BaseConsumer<Asking>,
    deadline: &Deadline,
    topic: &TopicName,
) -> Result<Vec<i32>, ClientError> {
    const REQUEST: &str = "the partitions of a topic";
    let metadata = client
        .fetch_metadata(None, deadline.left())
        .map_err(|error| refused(REQUEST, &error))?;
    let known = metadata
        .topics()
        .iter()
        .find(|known| known.name() == topic.as_str());
    let Some(known) = known else {
        let reason = format!("there is no topic {topic}");
        return Err(ClientError::Request {
            request: REQUEST,
            reason,
        });
    };
    let mut partitions: Vec<i32> = known
        .partitions()
        .iter()
        .map(rdkafka::metadata::MetadataPartition::id)
        .collect();
    partitions.sort_unstable();
    Ok(partitions)
}

fn refused(request: &'static str, error: &KafkaError) -> ClientError {
    ClientError::Request {
        request,
        reason: error.to_string(),
    }
}
