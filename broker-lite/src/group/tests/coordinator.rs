//! Members join, fall silent and wait; the state log fails or is slow.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::fixture::{TestCoordinator, commit, group, join, no_member};
use crate::group::*;
use crate::types::Offset;

#[tokio::test]
async fn a_parked_join_blocks_nobody_else() {
    let groups = TestCoordinator::open();
    let a = groups.settle("a").await;
    let parked = groups.coordinator.join(group(), join("b"));
    let meanwhile = async {
        // The heartbeat is answered, and tells that b is waiting.
        while groups
            .coordinator
            .heartbeat(group(), Generation(1), a.clone())
            .await
            .is_ok()
        {
            tokio::task::yield_now().await;
        }
        groups
            .coordinator
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
    let groups = TestCoordinator::open();
    let a = groups.settle("a").await;
    groups.clock.advance(Duration::from_secs(11));
    let beat = groups
        .coordinator
        .heartbeat(group(), Generation(1), a)
        .await;
    assert_eq!(beat, Err(GroupError::UnknownMember));
}

#[tokio::test]
async fn what_cannot_be_saved_is_not_answered() {
    let groups = TestCoordinator::open();
    let a = groups.settle("a").await;
    groups.log.is_full.store(true, Ordering::SeqCst);
    let refused = groups
        .coordinator
        .commit(group(), commit(a.clone(), Generation(1), 42))
        .await;
    assert_eq!(refused, Err(GroupError::Unavailable));
    assert_eq!(groups.committed().await, None);
    let rows = groups.coordinator.leave(group(), vec![a]).await;
    assert_eq!(rows, Ok(vec![Err(GroupError::Unavailable)]));

    // Once there is room, the next event brings the record up to date.
    groups.log.is_full.store(false, Ordering::SeqCst);
    groups.settle("b").await;
    let groups = groups.restart().await;
    let b = Caller {
        member: "b".into(),
        instance: None,
    };
    assert_eq!(
        groups
            .coordinator
            .heartbeat(group(), Generation(3), b)
            .await,
        Ok(())
    );
}

#[tokio::test]
async fn requests_that_wait_when_the_broker_stops_are_sent_elsewhere() {
    let groups = TestCoordinator::open();
    groups.settle("a").await;
    let parked = groups.coordinator.join(group(), join("b"));
    let (parked, ()) = tokio::join!(parked, async {
        tokio::task::yield_now().await;
        groups.tasks.stopped().await;
    });
    assert_eq!(parked, Err(GroupError::Unavailable));
}

#[tokio::test]
async fn an_answer_waits_until_what_it_tells_is_acknowledged() {
    let groups = TestCoordinator::open();
    let a = groups.settle("a").await;
    groups.log.is_slow.store(true, Ordering::SeqCst);
    let commit = |offset| {
        let commit = commit(a.clone(), Generation(1), offset);
        groups.coordinator.commit(group(), commit)
    };
    let meanwhile = async {
        groups.log.appended(2).await;
        // A second commit does not overtake the first, and readers see neither.
        assert_eq!(groups.committed().await, None);
        groups.log.acknowledge();
    };
    let (first, second, ()) = tokio::join!(commit(7), commit(8), meanwhile);
    assert_eq!((first, second), (Ok(vec![Ok(())]), Ok(vec![Ok(())])));
    assert_eq!(groups.committed().await, Some(Offset(8)));
}

#[tokio::test]
async fn what_depends_on_a_save_that_fails_later_is_not_answered() {
    let groups = TestCoordinator::open();
    let a = groups.settle("a").await;
    groups.log.is_slow.store(true, Ordering::SeqCst);
    // The last member leaves, which is saved; the next one joins while that is on its way.
    let leaving = groups.coordinator.leave(group(), vec![a]);
    let meanwhile = async {
        groups.log.appended(1).await;
        let joining = groups.coordinator.join(group(), join("b"));
        let refusing = async {
            tokio::task::yield_now().await;
            groups.log.refuse();
        };
        tokio::join!(joining, refusing).0
    };
    let (left, joined) = tokio::join!(leaving, meanwhile);
    assert_eq!(left, Ok(vec![Err(GroupError::Unavailable)]));
    assert_eq!(joined, Err(GroupError::Unavailable));
}

#[tokio::test]
async fn a_group_is_kept_while_its_first_commit_is_on_its_way() {
    let groups = TestCoordinator::open();
    groups.log.is_slow.store(true, Ordering::SeqCst);
    let committing = groups
        .coordinator
        .commit(group(), commit(no_member(), Generation(-1), 7));
    let meanwhile = async {
        groups.log.appended(1).await;
        groups
            .coordinator
            .heartbeat(group(), Generation(1), no_member())
            .await
    };
    let acknowledging = async {
        groups.log.appended(1).await;
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        groups.log.acknowledge();
    };
    let (committed, stranger, ()) = tokio::join!(committing, meanwhile, acknowledging);
    assert_eq!(committed, Ok(vec![Ok(())]));
    assert_eq!(stranger, Err(GroupError::UnknownMember));
    assert_eq!(groups.committed().await, Some(Offset(7)));
}
