//! The consumer over librdkafka.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rdkafka::Offset as NativeOffset;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::Message as _;

use super::callbacks::{Callbacks, SharedQueue, lock, refused};
use super::closing;
use super::fetch_errors::fetch_failed;
use super::group_size::group_size;
use super::hand_over::hand_over;
use super::initial_offsets::InitialOffsets;
use super::lists::{list_of, list_of_positions};
use super::properties::{client_config, words};
use super::raw::{self, MessageBuffer, RecordQueue};
use super::start_positions::{self, ResetPolicy};
use super::topic_ids;
use crate::client::consumer::{
    Consumer, ConsumerHooks, Ends, FinalCommit, GroupSize, Intake, KnownEnd, TopicsSeen,
};
use crate::client::error::ClientError;
use crate::client::topic_identity::{TopicAnswer, TopicIdentities};
use crate::config::ClientProperties;
use crate::types::{GroupId, Offset, Position, TopicName, TopicPartition};

/// Most records that one drain hands over.
///
/// From 200 on, what is paid per batch no longer shows.
pub(crate) const MAX_DRAINED: usize = 500;

/// Most events that one call serves, so that records have their turn in a storm of errors.
const MAX_EVENTS: usize = 64;

/// A member of a consumer group, over librdkafka. It belongs to the thread that made it.
pub(crate) struct KafkaConsumer {
    client: Option<BaseConsumer<Callbacks>>,
    queue: SharedQueue,
    /// The queue for answers about topics. Dropped before the client.
    topics: Option<RecordQueue>,
    buffer: MessageBuffer,
}

impl KafkaConsumer {
    /// Makes the calling thread's consumer. It connects in the background.
    ///
    /// # Errors
    /// When librdkafka does not take a property.
    pub(crate) fn new(
        properties: &ClientProperties,
        hooks: Arc<dyn ConsumerHooks>,
        initial: Arc<InitialOffsets>,
    ) -> Result<Self, ClientError> {
        let created = |error: KafkaError| ClientError::Create {
            reason: words(&error),
        };
        let queue = SharedQueue::default();
        let mut wanted = properties.clone();
        let reset = ResetPolicy::take_from(&mut wanted);
        let context = Callbacks {
            hooks,
            queue: queue.clone(),
            properties: properties.clone(),
            reset,
            initial,
            is_fatal: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
        };
        let mut client: BaseConsumer<Callbacks> = client_config(&wanted)
            .create_with_context(context)
            .map_err(created)?;
        let thread = std::thread::current();
        client.set_nonempty_callback(move || thread.unpark());
        *lock(&queue) = RecordQueue::of_this_thread(client.client());
        let topics = RecordQueue::of_this_thread(client.client());
        Ok(Self {
            client: Some(client),
            queue,
            topics,
            buffer: MessageBuffer::with_room_for(MAX_DRAINED),
        })
    }

    fn request(
        &self,
        request: &'static str,
        send: impl FnOnce(&BaseConsumer<Callbacks>) -> KafkaResult<()>,
    ) -> Result<(), ClientError> {
        let Some(client) = &self.client else {
            return Ok(());
        };
        send(client).map_err(|error| refused(request, &error))
    }
}

impl Ends for KafkaConsumer {
    fn known_ends(&self, partitions: &[TopicPartition]) -> Vec<KnownEnd> {
        let positions = self
            .client
            .as_ref()
            .and_then(|client| Some((client, client.position().ok()?)));
        let of_one = |at: &TopicPartition| {
            let Some((client, positions)) = &positions else {
                return KnownEnd::default();
            };
            let place = positions.find_partition(at.topic.as_str(), at.partition.0);
            let position = match place.map(|place| place.offset()) {
                Some(NativeOffset::Offset(next)) => Some(Offset(next)),
                _ => None,
            };
            KnownEnd {
                position,
                end: raw::known_end(client.client(), at),
            }
        };
        partitions.iter().map(of_one).collect()
    }

    fn end(&self, of: &TopicPartition, within: Duration) -> Option<Offset> {
        let client = self.client.as_ref()?;
        let (first, end) = client
            .fetch_watermarks(of.topic.as_str(), of.partition.0, within)
            .ok()?;
        // An empty partition has no records to read, wherever it stands.
        (end > first).then_some(Offset(end))
    }
}

impl Consumer for KafkaConsumer {
    fn subscribe(&mut self, topics: &[TopicName]) -> Result<(), ClientError> {
        let topics: Vec<&str> = topics.iter().map(TopicName::as_str).collect();
        self.request("the subscription", |client| client.subscribe(&topics))
    }

    fn serve(&mut self) {
        let Some(client) = &self.client else { return };
        // A poll handles one event, and `None` may mean that it did: so we ask whether more are
        // there.
        for _ in 0..MAX_EVENTS {
            // Errors have gone to `Callbacks::error`, and records come through our own queue.
            if let Some(Ok(record)) = client.poll(Duration::ZERO) {
                tracing::error!(offset = record.offset(), "a record came outside its queue");
            }
            client.context().tell_fatal(client);
            if raw::waiting_events(client.client()) == 0 {
                return;
            }
        }
    }

    fn drain(&mut self, max: usize, into: &mut dyn Intake) -> usize {
        let queue = lock(&self.queue);
        let (Some(queue), Some(client)) = (&*queue, &self.client) else {
            return 0;
        };
        let mut source = None;
        queue.drain(&mut self.buffer, max, |message| {
            if let Some(code) = message.error() {
                // After an error the partition may not be wanted any more.
                source = None;
                if into.is_wanted(message.topic(), message.partition())
                    && let Some(notice) = fetch_failed(&message, code, &client.context().properties)
                {
                    into.notice(notice);
                }
                return;
            }
            let place = (message.topic_address(), message.partition());
            let wanted = match source {
                Some((same, wanted)) if same == place => wanted,
                _ => into.source(message.topic(), message.partition()),
            };
            let taken = wanted && into.admits(Offset(message.offset()), message.leader_epoch());
            source = (taken == wanted).then_some((place, wanted));
            if taken {
                hand_over(&message, into);
            }
        })
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        self.request("pausing partitions", |client| {
            client.pause(&list_of(partitions))
        })
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), ClientError> {
        self.request("resuming partitions", |client| {
            client.resume(&list_of(partitions))
        })
    }

    fn seek(&mut self, positions: &[(TopicPartition, Position)]) -> Vec<TopicPartition> {
        let Some(client) = &self.client else {
            return Vec::new();
        };
        match start_positions::seek(client, positions) {
            Ok(too_early) => {
                let is_late = |(at, _): &&(TopicPartition, Position)| {
                    too_early.iter().all(|(early, _)| early != at)
                };
                positions
                    .iter()
                    .filter(is_late)
                    .map(|(at, _)| at.clone())
                    .collect()
            }
            Err(reason) => {
                tracing::warn!(
                    reason,
                    ?positions,
                    "a leader cannot be asked about a log; trying again"
                );
                Vec::new()
            }
        }
    }

    fn look_at(&mut self, topics: &[TopicName], within: Duration) -> Option<TopicsSeen> {
        let client = self.client.as_ref()?;
        // One question: about the one, or about all there are.
        let one = if let [topic] = topics {
            Some(topic.as_str())
        } else {
            None
        };
        let metadata = client.fetch_metadata(one, within).ok()?;
        let mut seen = TopicsSeen::default();
        for topic in topics {
            let known = metadata
                .topics()
                .iter()
                .find(|known| known.name() == topic.as_str());
            match known.map(|known| known.error().map(RDKafkaErrorCode::from)) {
                Some(None) => {}
                Some(Some(RDKafkaErrorCode::TopicAuthorizationFailed)) => {
                    seen.forbidden = Some(topic.clone())
                }
                Some(Some(_)) => seen.missing = Some(topic.clone()),
                // Among all there are, those that we may not see are left out.
                None => (seen.missing, seen.forbidden) = (Some(topic.clone()), Some(topic.clone())),
            }
        }
        Some(seen)
    }

    fn group_size(
        &mut self,
        group: &GroupId,
        topics: &[TopicName],
        within: Duration,
    ) -> Option<GroupSize> {
        group_size(self.client.as_ref()?, group, topics, within)
            .ok()
            .flatten()
    }

    fn ask_for_topics(&mut self, topics: &[TopicName]) -> bool {
        let (Some(client), Some(queue)) = (&self.client, &self.topics) else {
            return false;
        };
        topic_ids::ask(client.client(), queue, topics)
    }

    fn topics_answer(&mut self) -> Option<TopicAnswer> {
        let answer = topic_ids::answer(self.topics.as_ref()?, Duration::ZERO)?;
        if let (TopicAnswer::Told(identities), Some(client)) = (&answer, &self.client) {
            client.context().initial.note(identities);
        }
        Some(answer)
    }

    fn seek_to_beginning(&mut self, partitions: &[TopicPartition]) -> Vec<TopicPartition> {
        let Some(client) = &self.client else {
            return Vec::new();
        };
        let begun =
            start_positions::seek_to_beginning(client, partitions).unwrap_or_else(|error| {
                tracing::debug!(%error, ?partitions, "the client goes to no beginning yet");
                Vec::new()
            });
        // librdkafka remembers that a partition was paused.
        if let Err(error) = client.resume(&list_of(&begun)) {
            tracing::warn!(%error, "resuming partitions of a new topic");
        }
        begun
    }

    fn commit(&mut self, positions: &[(TopicPartition, Position)]) -> Result<(), ClientError> {
        self.request("a commit", |client| {
            raw::commit(client.client(), &list_of_positions(positions)?)
                .map_err(KafkaError::ConsumerCommit)
        })
    }
}

impl FinalCommit for KafkaConsumer {
    fn topic_identities(&self, topics: &[TopicName]) -> TopicIdentities {
        self.client
            .as_ref()
            .map(|client| client.topic_identities(topics))
            .unwrap_or_default()
    }

    fn commit_within(
        &self,
        positions: &[(TopicPartition, Position)],
        within: Duration,
    ) -> Result<(), ClientError> {
        match &self.client {
            Some(client) => client.commit_within(positions, within),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for KafkaConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaConsumer")
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

impl Drop for KafkaConsumer {
    /// Leaves the group, on the poll thread, where the last hooks may run.
    fn drop(&mut self) {
        // The queues first: the client waits in its destructor until its queues are gone.
        drop(lock(&self.queue).take());
        drop(self.topics.take());
        if let Some(client) = self.client.take() {
            client.context().is_closing.store(true, Ordering::Release);
            closing::close(client);
        }
    }
}
