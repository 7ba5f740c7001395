//! One internal topic: an ordinary topic that a coordinator writes and reads back.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use super::append::{Acknowledgement, StateLog};
use super::error::StateLogError;
use super::partition_for::partition_for;
use super::record::{State, batch_of};
use super::replay::PartitionReplay;
use super::snapshot::SnapshotLimits;
use crate::config::Settings;
use crate::controller::{Controller, NewTopic};
use crate::log::AppendOrigin;
use crate::metadata::Topic;
use crate::replica::ReplicaManager;
use crate::runtime::{Clock, Trouble};
use crate::types::TopicName;

/// An internal topic whose records add up to an `S`. Created when it is first needed.
#[derive(Debug)]
pub(crate) struct InternalTopic<S> {
    spec: TopicSpec,
    controller: Arc<Controller>,
    replicas: Arc<ReplicaManager>,
    clock: Clock,
    limits: SnapshotLimits,
    /// Guards the appends that have failed in a row. Held for a note.
    trouble: Mutex<Trouble>,
    state: PhantomData<fn() -> S>,
}

/// The settings with which an internal topic is created.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TopicSpec {
    /// The topic's name, which begins with two underscores.
    pub(crate) name: &'static str,
    /// The partitions of a new topic; one that exists keeps its own number.
    pub(crate) partitions: i32,
}

impl<S: State> InternalTopic<S> {
    /// Returns the topic, which is not created yet.
    pub(crate) fn new(
        spec: TopicSpec,
        controller: Arc<Controller>,
        replicas: Arc<ReplicaManager>,
        clock: Clock,
    ) -> Self {
        Self {
            spec,
            controller,
            replicas,
            clock,
            limits: SnapshotLimits::default(),
            trouble: Mutex::default(),
            state: PhantomData,
        }
    }

    /// Reads the whole topic. A topic that does not exist has the default state.
    ///
    /// # Errors
    /// [`StateLogError`] if it can't be read. A coordinator must not start then: without
    /// `__consumer_offsets`, for instance, consumers would read all records again.
    pub(crate) fn replay(&self) -> Result<S, StateLogError> {
        let mut state = S::default();
        let view = self.replicas.view();
        if let Some(topic) = view.image().topic(self.spec.name) {
            for id in topic.partitions() {
                let partition = view
                    .partition(topic, id)
                    .map_err(|error| StateLogError::of(self.spec.name, &error))?;
                let mut replay = PartitionReplay::new(partition, state)?;
                replay.read_to_end(|from, budget| partition.read(from, budget))?;
                state = replay.into_state();
            }
        }
        Ok(state)
    }

    fn ensure(&self) -> Result<Arc<Topic>, StateLogError> {
        let failed = |error: &(dyn Error + 'static)| StateLogError::of(self.spec.name, error);
        if let Some(topic) = self.replicas.view().image().topic(self.spec.name) {
            return Ok(Arc::clone(topic));
        }
        let name = TopicName::new(self.spec.name).map_err(|error| failed(&error))?;
        let mut settings = Settings::new();
        settings.set("cleanup.policy", "compact");
        let topic = NewTopic {
            name,
            partitions: self.spec.partitions,
            settings,
        };
        self.controller
            .ensure(topic)
            .map_err(|error| failed(&error))
    }

    fn write(&self, key: &str, records: &[S::Record]) -> Result<(), StateLogError> {
        let topic = self.ensure()?;
        let view = self.replicas.view();
        let partition = view
            .partition(&topic, partition_for(key, topic.partition_count()))
            .map_err(|error| StateLogError::of(self.spec.name, &error))?;
        let failed = |error: &(dyn Error + 'static)| StateLogError::of(partition.at(), error);
        let batch = batch_of(records, self.clock.wall()).map_err(|error| failed(&error))?;
        partition
            .append(&batch, AppendOrigin::Coordinator)
            .map_err(|error| failed(&error))?;
        // The records are in the log, so a snapshot that fails is no reason to refuse them. It
        // only leaves the partition larger than it needs to be.
        if let Err(error) = self.limits.enforce::<S>(partition, &self.clock) {
            tracing::warn!(
                topic = self.spec.name, partition = %partition.at().partition, %error,
                "an internal topic can't be replaced by a snapshot and keeps growing; it is tried again later"
            );
        }
        Ok(())
    }

    /// Logs when the topic begins to refuse records, and when it takes them again.
    fn logged(&self, outcome: Result<(), StateLogError>) -> Result<(), StateLogError> {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let topic = self.spec.name;
        match &outcome {
            Ok(()) => {
                if let Some(refused) = trouble.over() {
                    tracing::info!(topic, refused, "an internal topic takes records again");
                }
            }
            Err(error) => {
                if let Some(refused) = trouble.refused(self.clock.now()) {
                    tracing::error!(
                        topic, refused, %error,
                        "an internal topic takes no records; clients are told COORDINATOR_NOT_AVAILABLE and ask again"
                    );
                }
            }
        }
        outcome
    }
}

impl<S: State> StateLog<S::Record> for InternalTopic<S> {
    fn prepare(&self) -> Result<(), StateLogError> {
        self.logged(self.ensure().map(drop))
    }

    fn append(&self, key: &str, records: &[S::Record]) -> Acknowledgement {
        Acknowledgement::ready(self.logged(self.write(key, records)))
    }
}
