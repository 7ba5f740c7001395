//! The coordinator with its tasks, over a state log in memory that can be told to fail or to wait.

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
use crate::types::{GroupId, LeaderEpoch, Offset, PartitionId, TopicId, TopicName, TopicPartition};

/// Keeps what it is given.
#[derive(Debug, Default)]
struct Notebook {
    /// Guards the records, for one push or one copy.
    records: Mutex<Vec<Record>>,
    is_full: AtomicBool,
    /// While set, appends are not acknowledged before [`Notebook::acknowledge`].
    is_slow: AtomicBool,
    /// Guards the appends that are not acknowledged, for one push or to take them.
    waiting: Mutex<Vec<oneshot::Sender<Result<(), StateLogError>>>>,
}

impl Notebook {
    /// Acknowledges all appends that wait, the last one first.
    fn acknowledge(&self) {
        for append in self.waiting.lock().unwrap().drain(..).rev() {
            append.send(Ok(())).unwrap();
        }
    }

    /// Refuses all appends that wait.
    fn refuse(&self) {
        for append in self.waiting.lock().unwrap().drain(..) {
            append.send(Err(full())).unwrap();
        }
    }

    /// Returns once this many appends wait.
    async fn appended(&self, count: usize) {
        while self.waiting.lock().unwrap().len() < count {
            tokio::task::yield_now().await;
        }
    }
}

fn full() -> StateLogError {
    StateLogError::new("the notebook", "it is full")
}

impl StateLog<Record> for Notebook {
    fn prepare(&self) -> Result<(), StateLogError> {
        Ok(())
    }

    fn append(&self, _key: &str, records: &[Record]) -> Acknowledgement {
        if self.is_full.load(Ordering::SeqCst) {
            return Acknowledgement::ready(Err(full()));
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
struct Desk {
    notebook: Arc<Notebook>,
    clock: Clock,
    tasks: Tasks,
    coordinator: GroupCoordinator,
}

impl Desk {
    fn open() -> Self {
        Self::on(Arc::default(), Clock::new())
    }

    fn on(notebook: Arc<Notebook>, clock: Clock) -> Self {
        let tasks = Tasks::new(Handle::current());
        let mut replay = ReplayedGroups::default();
        for record in notebook.records.lock().unwrap().iter() {
            replay.apply(record.clone());
        }
        let log = Arc::clone(&notebook) as Arc<dyn StateLog<Record>>;
        let settings = Config::resolve(Settings::new()).unwrap().groups;
        let coordinator = GroupCoordinator::start(settings, &log, &clock, replay, &tasks);
        Self {
            notebook,
            clock,
            tasks,
            coordinator,
        }
    }

    /// As after `kill -9`: nothing is left but what was written.
    async fn restart(self) -> Self {
        self.tasks.stopped().await;
        Self::on(self.notebook, self.clock)
    }

    /// A member on its own, stable.
    async fn settle(&self, member: &str) -> Caller {
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

    async fn committed(&self) -> Option<Offset> {
        let rows = self
            .coordinator
            .committed(group(), RequestedOffsets::Partitions(vec![at()]))
            .await
            .unwrap();
        rows[0].1.as_ref().map(|committed| committed.offset)
    }
}

fn group() -> GroupId {
    GroupId::new("g")
}

fn at() -> TopicPartition {
    TopicPartition::new(TopicName::new("t").unwrap(), PartitionId(0))
}

fn join(member: &str) -> JoinRequest {
    JoinRequest {
        caller: nobody(),
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

fn nobody() -> Caller {
    Caller {
        member: "".into(),
        instance: None,
    }
}

fn commit(caller: Caller, generation: Generation, offset: i64) -> Commit {
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

#[tokio::test]
async fn a_parked_join_blocks_nobody_else() {
    let desk = Desk::open();
    let a = desk.settle("a").await;
    let parked = desk.coordinator.join(group(), join("b"));
    let meanwhile = async {
        // The heartbeat is answered, and tells that b is waiting.
        while desk
            .coordinator
            .heartbeat(group(), Generation(1), a.clone())
            .await
            .is_ok()
        {
            tokio::task::yield_now().await;
        }
        desk.coordinator
            .join(
                group(),
                JoinRequest {
                    caller: a.clone(),
                    ..join("unused")
                },
            )
            .await
    };
    let (b, a) = tokio::join!(parked, meanwhile);
    assert_eq!(b.unwrap().generation, Generation(2));
    assert_eq!(a.unwrap().members.len(), 2);
}

#[tokio::test]
async fn a_silent_member_is_removed_when_the_clock_says_so() {
    let desk = Desk::open();
    let a = desk.settle("a").await;
    desk.clock.advance(Duration::from_secs(11));
    let beat = desk.coordinator.heartbeat(group(), Generation(1), a).await;
    assert_eq!(beat, Err(GroupError::UnknownMember));
}

#[tokio::test]
async fn offsets_and_members_survive_a_restart() {
    let desk = Desk::open();
    let a = desk.settle("a").await;
    let rows = desk
        .coordinator
        .commit(group(), commit(a.clone(), Generation(1), 42))
        .await;
    assert_eq!(rows, Ok(vec![Ok(())]));

    let desk = desk.restart().await;
    assert_eq!(desk.committed().await, Some(Offset(42)));
    assert_eq!(
        desk.coordinator
            .heartbeat(group(), Generation(1), a.clone())
            .await,
        Ok(())
    );
    assert_eq!(
        desk.coordinator
            .commit(group(), commit(a, Generation(1), 43))
            .await,
        Ok(vec![Ok(())])
    );
    assert_eq!(desk.committed().await, Some(Offset(43)));
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_answered() {
    let desk = Desk::open();
    let a = desk.settle("a").await;
    desk.notebook.is_full.store(true, Ordering::SeqCst);
    let refused = desk
        .coordinator
        .commit(group(), commit(a.clone(), Generation(1), 42))
        .await;
    assert_eq!(refused, Err(GroupError::Unavailable));
    assert_eq!(desk.committed().await, None);
    let rows = desk.coordinator.leave(group(), vec![a]).await;
    assert_eq!(rows, Ok(vec![Err(GroupError::Unavailable)]));

    // Once there is room, the next event brings the record up to date.
    desk.notebook.is_full.store(false, Ordering::SeqCst);
    desk.settle("b").await;
    let desk = desk.restart().await;
    let b = Caller {
        member: "b".into(),
        instance: None,
    };
    assert_eq!(
        desk.coordinator.heartbeat(group(), Generation(3), b).await,
        Ok(())
    );
}

#[tokio::test]
async fn a_client_without_a_group_commits_and_old_generations_do_not() {
    let desk = Desk::open();
    let stranger = |generation| commit(nobody(), Generation(generation), 7);
    assert_eq!(
        desk.coordinator.commit(group(), stranger(3)).await,
        Err(GroupError::GroupNotFound)
    );
    let older = Commit {
        stale_member: StaleMember::IllegalGeneration,
        ..stranger(3)
    };
    assert_eq!(
        desk.coordinator.commit(group(), older).await,
        Err(GroupError::IllegalGeneration)
    );
    assert_eq!(
        desk.coordinator.commit(group(), stranger(-1)).await,
        Ok(vec![Ok(())])
    );
    assert_eq!(desk.committed().await, Some(Offset(7)));
}

#[tokio::test]
async fn a_note_that_is_too_long_is_refused_for_its_row_only() {
    let desk = Desk::open();
    let mut commit = commit(nobody(), Generation(-1), 7);
    commit.rows.push(CommitRow {
        at: TopicPartition::new(at().topic, PartitionId(1)),
        topic_id: None,
        offset: Offset(8),
        leader_epoch: LeaderEpoch(4),
        metadata: "x".repeat(4097),
        expires_at: None,
    });
    let rows = desk.coordinator.commit(group(), commit).await;
    assert_eq!(rows, Ok(vec![Ok(()), Err(GroupError::MetadataTooLarge)]));
    let all = desk
        .coordinator
        .committed(group(), RequestedOffsets::All)
        .await
        .unwrap();
    assert_eq!(all.len(), 1);
}

#[tokio::test]
async fn offsets_of_a_deleted_topic_and_those_nobody_uses_are_forgotten_for_good() {
    let desk = Desk::open();
    desk.coordinator
        .commit(group(), commit(nobody(), Generation(-1), 7))
        .await
        .unwrap();
    desk.coordinator
        .forget_topic(&at().topic, TopicId::random())
        .await
        .unwrap();
    assert_eq!(desk.committed().await, None);

    desk.coordinator
        .commit(group(), commit(nobody(), Generation(-1), 8))
        .await
        .unwrap();
    desk.clock.advance(Duration::from_hours(7 * 24 + 1));
    assert_eq!(desk.committed().await, None);
    let desk = desk.restart().await;
    assert_eq!(desk.committed().await, None);
}

#[tokio::test]
async fn what_was_committed_for_a_namesake_of_a_deleted_topic_stays() {
    let desk = Desk::open();
    let (deleted, namesake) = (TopicId::random(), TopicId::random());
    for id in [deleted, namesake] {
        let mut commit = commit(nobody(), Generation(-1), 7);
        commit.rows[0].topic_id = Some(id);
        desk.coordinator.commit(group(), commit).await.unwrap();
    }
    desk.coordinator
        .forget_topic(&at().topic, deleted)
        .await
        .unwrap();
    assert_eq!(desk.committed().await, Some(Offset(7)));
    desk.coordinator
        .forget_topic(&at().topic, namesake)
        .await
        .unwrap();
    assert_eq!(desk.committed().await, None);
}

#[tokio::test]
async fn requests_that_wait_when_the_broker_stops_are_sent_elsewhere() {
    let desk = Desk::open();
    desk.settle("a").await;
    let parked = desk.coordinator.join(group(), join("b"));
    let (parked, ()) = tokio::join!(parked, async {
        tokio::task::yield_now().await;
        desk.tasks.stopped().await;
    });
    assert_eq!(parked, Err(GroupError::Unavailable));
}

#[tokio::test]
async fn an_answer_waits_until_what_it_tells_is_acknowledged() {
    let desk = Desk::open();
    let a = desk.settle("a").await;
    desk.notebook.is_slow.store(true, Ordering::SeqCst);
    let commit = |offset| {
        let commit = commit(a.clone(), Generation(1), offset);
        desk.coordinator.commit(group(), commit)
    };
    let meanwhile = async {
        desk.notebook.appended(2).await;
        // A second commit does not overtake the first, and readers see neither.
        assert_eq!(desk.committed().await, None);
        desk.notebook.acknowledge();
    };
    let (first, second, ()) = tokio::join!(commit(7), commit(8), meanwhile);
    assert_eq!((first, second), (Ok(vec![Ok(())]), Ok(vec![Ok(())])));
    assert_eq!(desk.committed().await, Some(Offset(8)));
}

#[tokio::test]
async fn what_depends_on_a_save_that_fails_later_is_not_answered() {
    let desk = Desk::open();
    let a = desk.settle("a").await;
    desk.notebook.is_slow.store(true, Ordering::SeqCst);
    // The last member leaves, which is saved; the next one joins while that is on its way.
    let leaving = desk.coordinator.leave(group(), vec![a]);
    let meanwhile = async {
        desk.notebook.appended(1).await;
        let joining = desk.coordinator.join(group(), join("b"));
        let refusing = async {
            tokio::task::yield_now().await;
            desk.notebook.refuse();
        };
        tokio::join!(joining, refusing).0
    };
    let (left, joined) = tokio::join!(leaving, meanwhile);
    assert_eq!(left, Ok(vec![Err(GroupError::Unavailable)]));
    assert_eq!(joined, Err(GroupError::Unavailable));
}

#[tokio::test]
async fn a_group_is_kept_while_its_first_commit_is_on_its_way() {
    let desk = Desk::open();
    desk.notebook.is_slow.store(true, Ordering::SeqCst);
    let committing = desk
        .coordinator
        .commit(group(), commit(nobody(), Generation(-1), 7));
    let meanwhile = async {
        desk.notebook.appended(1).await;
        desk.coordinator
            .heartbeat(group(), Generation(1), nobody())
            .await
    };
    let acknowledging = async {
        desk.notebook.appended(1).await;
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        desk.notebook.acknowledge();
    };
    let (committed, stranger, ()) = tokio::join!(committing, meanwhile, acknowledging);
    assert_eq!(committed, Ok(vec![Ok(())]));
    assert_eq!(stranger, Err(GroupError::UnknownMember));
    assert_eq!(desk.committed().await, Some(Offset(7)));
}
