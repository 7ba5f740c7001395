//! One fetch session (KIP-227): the partitions that a client follows, so that it need not name them
//! each time.
//!
//! Pure: no clock, no lock, no I/O. What is read is always at the offset that the client sent last,
//! never at one that we think it has reached.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::api::error::Coded;
use crate::metadata::Image;
use crate::replica::{LocalView, Partition};
use crate::types::{PartitionId, TopicName};
use crate::wire::fetch::{FetchPartition, FetchRequest, FetchedPartition};
use crate::wire::{ErrorCode, KafkaString, KafkaUuid, text, topic_id};

/// A partition as its reader names it: by the topic's name or by its id, never both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) name: KafkaString,
    pub(super) id: KafkaUuid,
    pub(super) index: i32,
}

/// What is to be read of one partition.
#[derive(Debug, Clone)]
pub(super) struct Want {
    pub(super) name: KafkaString,
    pub(super) id: KafkaUuid,
    /// The name of the topic with this id, once it has been found.
    pub(super) known_as: Option<TopicName>,
    pub(super) fetch: FetchPartition,
}

/// The partitions one client follows.
#[derive(Debug)]
pub(super) struct Session {
    by_id: bool,
    /// The epoch that the next request must carry.
    epoch: i32,
    followed: HashMap<Place, Followed>,
    /// Counts up, so that a partition that had data goes behind all others.
    turn: u64,
}

#[derive(Debug)]
struct Followed {
    fetch: FetchPartition,
    known_as: Option<TopicName>,
    turn: u64,
    /// The watermarks last sent to the client, none after an error.
    told: Option<(i64, i64)>,
}

impl Want {
    /// All that a request names. Of a partition that it names twice the last counts, as in Kafka.
    pub(super) fn all(request: &FetchRequest) -> Vec<Self> {
        let wants = request.topics.iter().flat_map(|topic| {
            let want = |fetch: &FetchPartition| Self {
                name: topic.name.clone(),
                id: topic.id,
                known_as: None,
                fetch: *fetch,
            };
            topic.partitions.iter().map(want)
        });
        let mut wants: Vec<Self> = wants.collect();
        if wants.len() > 1 {
            let mut seen = HashSet::with_capacity(wants.len());
            wants.reverse();
            wants.retain(|want| seen.insert(want.place()));
            wants.reverse();
        }
        wants
    }

    /// The partition, as it is now.
    pub(super) fn partition<'a>(
        &self,
        view: &'a LocalView,
    ) -> Result<&'a Arc<Partition>, ErrorCode> {
        let image = view.image();
        let topic = if self.id.is_nil() {
            image
                .topic(self.name.as_str())
                .ok_or(ErrorCode::UnknownTopicOrPartition)?
        } else {
            let found = topic_id(self.id).and_then(|id| image.topic_by_id(id));
            found.ok_or_else(|| self.missing(image))?
        };
        view.partition(topic, PartitionId(self.fetch.index))
            .map_err(|error| error.code())
    }

    /// Returns what became of the topic with this id, as Kafka does: a reader that was served before
    /// learns whether another topic has its name now.
    fn missing(&self, image: &Image) -> ErrorCode {
        match &self.known_as {
            None => ErrorCode::UnknownTopicId,
            Some(name) if image.topic(name.as_str()).is_some() => ErrorCode::InconsistentTopicId,
            Some(_) => ErrorCode::UnknownTopicOrPartition,
        }
    }

    /// Records where it was found.
    pub(super) fn found(&mut self, partition: &Partition) {
        if self.known_as.is_none() {
            self.known_as = Some(partition.at().topic.clone());
        }
    }

    /// Returns a hash that tells partitions apart, almost surely.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.place().hash(&mut hasher);
        hasher.finish()
    }

    fn place(&self) -> Place {
        Place {
            name: self.name.clone(),
            id: self.id,
            index: self.fetch.index,
        }
    }

    /// Copies the name: a slice of a request would keep all of it in memory.
    fn place_to_keep(&self) -> Place {
        Place {
            name: text(self.name.as_str()),
            ..self.place()
        }
    }
}

impl Session {
    /// A session over what the request names.
    pub(super) fn new(request: &FetchRequest, by_id: bool) -> Self {
        let mut session = Self {
            by_id,
            epoch: 1,
            followed: HashMap::new(),
            turn: 0,
        };
        session.follow(request);
        session
    }

    /// Applies a request that builds on the ones before.
    ///
    /// # Errors
    /// The session's epoch, or its way to name topics, is another. Nothing has changed then.
    pub(super) fn go_on(&mut self, request: &FetchRequest, by_id: bool) -> Result<(), ErrorCode> {
        if request.session_epoch != self.epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if by_id != self.by_id {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        self.epoch = if self.epoch == i32::MAX {
            1
        } else {
            self.epoch + 1
        };
        self.follow(request);
        for topic in &request.forgotten {
            for index in &topic.partitions {
                self.followed.remove(&Place {
                    name: topic.name.clone(),
                    id: topic.id,
                    index: *index,
                });
            }
        }
        Ok(())
    }

    /// Returns all partitions of the session, those without data for longest first.
    pub(super) fn wants(&self) -> Vec<Want> {
        let mut followed: Vec<_> = self.followed.iter().collect();
        followed.sort_by_key(|(_, followed)| followed.turn);
        let want = |(place, followed): (&Place, &Followed)| Want {
            name: place.name.clone(),
            id: place.id,
            known_as: followed.known_as.clone(),
            fetch: followed.fetch,
        };
        followed.into_iter().map(want).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.followed.is_empty()
    }

    /// Whether the answer must contain a partition: it has data, an error, or other watermarks than
    /// last time.
    pub(super) fn has_news(&mut self, want: &Want, fetched: &FetchedPartition) -> bool {
        self.turn += 1;
        // A partition may have left the session while the request waited.
        let Some(followed) = self.followed.get_mut(&want.place()) else {
            return true;
        };
        if !fetched.records.is_empty() {
            followed.turn = self.turn;
        }
        if followed.known_as.is_none() {
            followed.known_as.clone_from(&want.known_as);
        }
        if fetched.error != ErrorCode::None || fetched.diverging_epoch.is_some() {
            followed.told = None;
            return true;
        }
        let marks = Some((fetched.high_watermark, fetched.log_start_offset));
        let changed = followed.told != marks;
        followed.told = marks;
        changed || !fetched.records.is_empty()
    }

    fn follow(&mut self, request: &FetchRequest) {
        for want in Want::all(request) {
            self.turn += 1;
            let turn = self.turn;
            self.followed
                .entry(want.place_to_keep())
                .and_modify(|followed| followed.fetch = want.fetch)
                .or_insert(Followed {
                    fetch: want.fetch,
                    known_as: None,
                    turn,
                    told: None,
                });
        }
    }
}
