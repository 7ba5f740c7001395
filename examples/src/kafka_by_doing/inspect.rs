//! What a chapter looks up and the SDK has no way to ask: leaders and in-sync replicas, the ends of a
//! partition, a group's committed offsets and setting them, a broker's settings, deleting a topic.
//!
//! Plain `rdkafka`, and the only place of the examples that uses it.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use wellspring::config::ClientProperties;

/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_secs(20);

/// Asks a Kafka about itself.
#[derive(Debug, Clone)]
pub struct Inspector {
    config: ClientConfig,
}

/// A partition as the cluster describes it; brokers by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionState {
    /// Its number.
    pub partition: i32,
    /// Who leads it; -1 while nobody does.
    pub leader: i32,
    /// Who keeps a copy.
    pub replicas: Vec<i32>,
    /// Whose copies are in sync.
    pub isr: Vec<i32>,
}

/// The first offset that a partition has, and the next one that it will give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The first.
    pub first: i64,
    /// The next.
    pub next: i64,
}

impl Inspector {
    /// Asks the Kafka that these properties lead to.
    #[must_use]
    pub fn new(properties: &ClientProperties) -> Self {
        let mut config = ClientConfig::new();
        for (name, value) in properties.iter() {
            config.set(name, value);
        }
        config.set("log_level", "0");
        Self { config }
    }

    /// The partitions of a topic, in their order.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn partitions(&self, topic: &str) -> KafkaResult<Vec<PartitionState>> {
        let topic = topic.to_owned();
        self.ask("none", move |client| {
            let metadata = client.fetch_metadata(Some(&topic), ANSWER)?;
            let topics = metadata.topics().iter();
            let mut partitions: Vec<PartitionState> = topics
                .flat_map(|topic| topic.partitions())
                .map(|partition| PartitionState {
                    partition: partition.id(),
                    leader: partition.leader(),
                    replicas: partition.replicas().to_vec(),
                    isr: partition.isr().to_vec(),
                })
                .collect();
            partitions.sort_by_key(|state| state.partition);
            Ok(partitions)
        })
        .await
    }

    /// The ends of a partition.
    ///
    /// # Errors
    /// When its leader does not answer.
    pub async fn ends(&self, topic: &str, partition: i32) -> KafkaResult<Ends> {
        let topic = topic.to_owned();
        self.ask("none", move |client| {
            let (first, next) = client.fetch_watermarks(&topic, partition, ANSWER)?;
            Ok(Ends { first, next })
        })
        .await
    }

    /// The offset that a group has committed for a partition: the next one it will read.
    ///
    /// # Errors
    /// When its coordinator does not answer.
    pub async fn committed(
        &self,
        group: &str,
        topic: &str,
        partition: i32,
    ) -> KafkaResult<Option<i64>> {
        let topic = topic.to_owned();
        self.ask(group, move |client| {
            let mut asked = TopicPartitionList::new();
            asked.add_partition(&topic, partition);
            let committed = client.committed_offsets(asked, ANSWER)?;
            let offset = committed
                .find_partition(&topic, partition)
                .map(|row| row.offset());
            Ok(match offset {
                Some(Offset::Offset(offset)) => Some(offset),
                _ => None,
            })
        })
        .await
    }

    /// Commits an offset in the name of a group that has no members, as
    /// `kafka-consumer-groups --reset-offsets` does.
    ///
    /// # Errors
    /// When the group has members, or its coordinator does not answer.
    pub async fn set_committed(
        &self,
        group: &str,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> KafkaResult<()> {
        let topic = topic.to_owned();
        self.ask(group, move |client| {
            let mut offsets = TopicPartitionList::new();
            offsets.add_partition_offset(&topic, partition, Offset::Offset(offset))?;
            client.commit(&offsets, CommitMode::Sync)
        })
        .await
    }

    /// A setting of the first broker that answers, as text.
    ///
    /// # Errors
    /// When it does not answer, or has no such setting.
    pub async fn broker_setting(&self, name: &str) -> KafkaResult<Option<String>> {
        let id = self.ask("none", |client| {
            let metadata = client.fetch_metadata(None, ANSWER)?;
            Ok(metadata.brokers().first().map(|broker| broker.id()))
        });
        let Some(id) = id.await? else { return Ok(None) };
        let asked = [ResourceSpecifier::Broker(id)];
        let answers = self.admin()?.describe_configs(&asked, &options()).await?;
        let settings = answers.into_iter().flatten();
        Ok(settings
            .flat_map(|described| described.entries)
            .find(|entry| entry.name == name)
            .and_then(|entry| entry.value))
    }

    /// Deletes a topic.
    ///
    /// # Errors
    /// When the cluster refuses or does not answer.
    pub async fn delete_topic(&self, topic: &str) -> KafkaResult<()> {
        let answers = self.admin()?.delete_topics(&[topic], &options()).await?;
        let refused = answers.into_iter().find_map(Result::err);
        refused.map_or(Ok(()), |(_, code)| Err(KafkaError::AdminOp(code)))
    }

    /// Asks a question that blocks, in the name of `group`, on a thread for that.
    async fn ask<T: Send + 'static>(
        &self,
        group: &str,
        question: impl FnOnce(&BaseConsumer) -> KafkaResult<T> + Send + 'static,
    ) -> KafkaResult<T> {
        let mut config = self.config.clone();
        config.set("group.id", group);
        let answer = tokio::task::spawn_blocking(move || {
            let client: BaseConsumer = config.create()?;
            question(&client)
        });
        answer.await.map_err(|_panicked| KafkaError::Canceled)?
    }

    fn admin(&self) -> KafkaResult<AdminClient<DefaultClientContext>> {
        self.config.create()
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(ANSWER))
}
