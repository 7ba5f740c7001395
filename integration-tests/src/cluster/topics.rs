//! Topics of a scenario: made before it needs them, removed when it is over.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::Cluster;
use crate::wait::{self, TimedOut};

const ADMIN_TIMEOUT: Duration = Duration::from_secs(20);

/// The reason why a topic could not be made or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TopicError {
    /// The request did not come through.
    #[error("the admin client failed")]
    Client(#[from] KafkaError),
    /// The broker refused.
    #[error("{topic}: {code}")]
    Refused {
        /// The topic.
        topic: String,
        /// The broker's code.
        code: RDKafkaErrorCode,
    },
    /// The topic was made but its leaders do not show.
    #[error(transparent)]
    Unseen(#[from] TimedOut),
}

impl Cluster {
    /// A client for administrative requests.
    ///
    /// # Errors
    ///
    /// When the client library refuses its settings.
    pub fn admin(&self) -> Result<AdminClient<DefaultClientContext>, KafkaError> {
        self.client().create()
    }

    /// Makes a topic and returns its full name once every partition has a leader.
    ///
    /// # Errors
    ///
    /// When the broker refuses or no leader shows within 20 seconds.
    ///
    /// # Cancel safety
    ///
    /// The topic may have been made.
    pub async fn topic(&self, name: &str, partitions: i32) -> Result<String, TopicError> {
        let topic = self.name(name);
        let wish = NewTopic::new(&topic, partitions, TopicReplication::Fixed(1));
        for made in self
            .admin()?
            .create_topics([&wish], &admin_options())
            .await?
        {
            made.map_err(|(topic, code)| TopicError::Refused { topic, code })?;
        }
        let client: BaseConsumer = self.client().create()?;
        wait::until(format!("leaders of {topic}"), ADMIN_TIMEOUT, async || {
            let metadata = client.fetch_metadata(Some(&topic), ADMIN_TIMEOUT).ok()?;
            let partitions_of = metadata.topics().first()?.partitions();
            let led = partitions_of
                .iter()
                .filter(|partition| partition.leader() >= 0)
                .count();
            (led == usize::try_from(partitions).ok()?).then_some(())
        })
        .await?;
        Ok(topic)
    }

    /// Removes every topic of this scenario, so that a shared Kafka does not fill up.
    ///
    /// # Errors
    ///
    /// When the broker cannot be asked or refuses.
    ///
    /// # Cancel safety
    ///
    /// Some topics may be gone already.
    pub async fn remove_topics(&self) -> Result<(), TopicError> {
        let client: BaseConsumer = self.client().create()?;
        let metadata = client.fetch_metadata(None, ADMIN_TIMEOUT)?;
        let ours = self.name("");
        let names = metadata
            .topics()
            .iter()
            .map(rdkafka::metadata::MetadataTopic::name);
        let topics: Vec<&str> = names.filter(|name| name.starts_with(&ours)).collect();
        if topics.is_empty() {
            return Ok(());
        }
        for removed in self
            .admin()?
            .delete_topics(&topics, &admin_options())
            .await?
        {
            removed.map_err(|(topic, code)| TopicError::Refused { topic, code })?;
        }
        Ok(())
    }
}

fn admin_options() -> AdminOptions {
    AdminOptions::new()
        .operation_timeout(Some(ADMIN_TIMEOUT))
        .request_timeout(Some(ADMIN_TIMEOUT))
}
