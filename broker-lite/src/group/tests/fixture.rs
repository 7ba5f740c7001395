//! A coordinator with its tasks, over a state log in memory that can be told to fail or to wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::config::{Config, Settings};
use crate::group::replayed::ReplayedGroups;
use crate::group::*;
use crate::runtime::{Clock, Tasks};
use crate::state_log::{Acknowledgement, State, StateLog, StateLogError};
use crate::types::{GroupId, LeaderEpoch, Offset, PartitionId, TopicName, TopicPartition};

/// A state log that keeps the records it is given.
#[derive(Debug, Default)]
pub(super) struct MemoryStateLog {
    /// Guards the records, for one push or one copy.
    records: Mutex<Vec<Record>>,
    pub(super) is_full: AtomicBool,
    /// While set, appends are not acknowledged before [`MemoryStateLog::acknowledge`].
    pub(super) is_slow: AtomicBool,
    /// Guards the appends that are not acknowledged, for one push or to take them.
    waiting: Mutex<Vec<oneshot::Sender<Result<(), StateLogError>>>>,
}

impl MemoryStateLog {
    /// Acknowledges all appends that wait, the last one first.
    pub(super) fn acknowledge(&self) {
        for append in self.waiting.lock().unwrap().drain(..).rev() {
            append.send(Ok(())).unwrap();
        }
    }

    /// Refuses all appends that wait.
    pub(super) fn refuse(&self) {
        for append in self.waiting.lock().unwrap().drain(..) {
            append.send(Err(disk_full())).unwrap();
        }
    }

    /// Returns once this many appends wait.
    pub(super) async fn appended(&self, count: usize) {
        while self.waiting.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
    }
}

fn disk_full() -> StateLogError {
    StateLogError::new("the test's log", "no space left")
}

impl StateLog<Record> for MemoryStateLog {
    fn prepare(&self) -> Result<(), StateLogError> {
        Ok(())
    }

    fn append(&self, _key: &str, records: &[Record]) -> Acknowledgement {
        if self.is_full.load(Ordering::SeqCst) {
            return Acknowledgement::ready(Err(disk_full()));
        }
        self.records.lock().unwrap().extend_from_slice(records);
        if !self.is_slow.load(Ordering::SeqCst) {
            return Acknowledgement::ready(Ok(()));
        }
        let (append, outcome) = oneshot::channel();
        self.waiting.lock().unwrap().push(append);
        Acknowledgement::from(async move { outcome.await.unwrap() })
    }
}

/// A coordinator that can be restarted on what it wrote.
pub(super) struct TestCoordinator {
    pub(super) log: Arc<MemoryStateLog>,
    pub(super) clock: Clock,
    pub(super) tasks: Tasks,
    pub(super) coordinator: GroupCoordinator,
}

impl TestCoordinator {
    pub(super) fn open() -> Self {
        Self::on(Arc::default(), Clock::new())
    }

    fn on(log: Arc<MemoryStateLog>, clock: Clock) -> Self {
        let tasks = Tasks::new(Handle::current());
        let mut replay = ReplayedGroups::default();
        for record in log.records.lock().unwrap().iter() {
            replay.apply(record.clone());
        }
        let state_log = Arc::clone(&log) as Arc<dyn StateLog<Record>>;
        let settings = Config::resolve(Settings::new()).unwrap().groups;
        let coordinator = GroupCoordinator::start(settings, &state_log, &clock, replay, &tasks);
        Self {
            log,
            clock,
            tasks,
            coordinator,
        }
    }

    /// Starts another coordinator on the records, as after `kill -9`.
    pub(super) async fn restart(self) -> Self {
        self.tasks.stopped().await;
        Self::on(self.log, self.clock)
    }

    /// Makes `member` the only member of a stable group.
    pub(super) async fn settle(&self, member: &str) -> Caller {
        let joined = self.coordinator.join(group(), join(member)).await.unwrap();
        let caller = Caller {
            member: joined.member,
            instance: None,
        };
        let sync = SyncRequest {
            caller: caller.clone(),
            generation: joined.generation,
            protocol_type: None,
            protocol: None,
            assignments: vec![(caller.member.clone(), Bytes::from_static(b"all"))],
        };
        assert_eq!(
            self.coordinator
                .sync(group(), sync)
                .await
                .unwrap()
                .assignment,
            "all"
        );
        caller
    }

    pub(super) async fn committed(&self) -> Option<Offset> {
        let rows = self
            .coordinator
            .committed(group(), RequestedOffsets::Partitions(vec![at()]))
            .await
            .unwrap();
        rows[0].1.as_ref().map(|committed| committed.offset)
    }
}

pub(super) fn group() -> GroupId {
    GroupId::new("g")
}

pub(super) fn at() -> TopicPartition {
    TopicPartition::new(TopicName::new("t").unwrap(), PartitionId(0))
}

pub(super) fn join(member: &str) -> JoinRequest {
    JoinRequest {
        caller: no_member(),
        fresh: member.into(),
        client: Client {
            id: "c".into(),
            host: "/127.0.0.1".into(),
        },
        session_timeout: Duration::from_secs(10),
        rebalance_timeout: Duration::from_secs(60),
        protocol_type: "consumer".into(),
        protocols: vec![AssignorProtocol {
            name: "range".into(),
            metadata: Bytes::new(),
        }],
        first_join: FirstJoin::Admit,
        leader_return: LeaderReturn::PoseAsFollower,
    }
}

pub(super) fn no_member() -> Caller {
    Caller {
        member: "".into(),
        instance: None,
    }
}

pub(super) fn commit(caller: Caller, generation: Generation, offset: i64) -> Commit {
    let row = CommitRow {
        at: at(),
        topic_id: None,
        offset: Offset(offset),
        leader_epoch: LeaderEpoch::NONE,
        metadata: String::new(),
        expires_at: None,
    };
    Commit {
        caller,
        generation,
        stale_member: StaleMember::GroupNotFound,
        rows: vec![row],
    }
}
