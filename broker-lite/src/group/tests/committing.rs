//! Offsets are committed, refused, kept over a restart, and forgotten.

use std::time::Duration;

use super::fixture::{TestCoordinator, at, commit, group, no_member};
use crate::group::*;
use crate::types::{LeaderEpoch, Offset, PartitionId, TopicId, TopicPartition};

#[tokio::test]
async fn offsets_and_members_survive_a_restart() {
    let groups = TestCoordinator::open();
    let a = groups.settle("a").await;
    let rows = groups
        .coordinator
        .commit(group(), commit(a.clone(), Generation(1), 42))
        .await;
    assert_eq!(rows, Ok(vec![Ok(())]));

    let groups = groups.restart().await;
    assert_eq!(groups.committed().await, Some(Offset(42)));
    assert_eq!(
        groups
            .coordinator
            .heartbeat(group(), Generation(1), a.clone())
            .await,
        Ok(())
    );
    assert_eq!(
        groups
            .coordinator
            .commit(group(), commit(a, Generation(1), 43))
            .await,
        Ok(vec![Ok(())])
    );
    assert_eq!(groups.committed().await, Some(Offset(43)));
}

#[tokio::test]
async fn a_client_without_a_group_commits_and_old_generations_do_not() {
    let groups = TestCoordinator::open();
    let stranger = |generation| commit(no_member(), Generation(generation), 7);
    assert_eq!(
        groups.coordinator.commit(group(), stranger(3)).await,
        Err(GroupError::GroupNotFound)
    );
    let older = Commit {
        stale_member: StaleMember::IllegalGeneration,
        ..stranger(3)
    };
    assert_eq!(
        groups.coordinator.commit(group(), older).await,
        Err(GroupError::IllegalGeneration)
    );
    assert_eq!(
        groups.coordinator.commit(group(), stranger(-1)).await,
        Ok(vec![Ok(())])
    );
    assert_eq!(groups.committed().await, Some(Offset(7)));
}

#[tokio::test]
async fn metadata_that_is_too_long_is_refused_for_its_row_only() {
    let groups = TestCoordinator::open();
    let mut commit = commit(no_member(), Generation(-1), 7);
    commit.rows.push(CommitRow {
        at: TopicPartition::new(at().topic, PartitionId(1)),
        topic_id: None,
        offset: Offset(8),
        leader_epoch: LeaderEpoch(4),
        metadata: "x".repeat(4097),
        expires_at: None,
    });
    let rows = groups.coordinator.commit(group(), commit).await;
    assert_eq!(rows, Ok(vec![Ok(()), Err(GroupError::MetadataTooLarge)]));
    let all = groups
        .coordinator
        .committed(group(), RequestedOffsets::All)
        .await
        .unwrap();
    assert_eq!(all.len(), 1);
}

#[tokio::test]
async fn offsets_of_a_deleted_topic_and_those_nobody_uses_are_forgotten_for_good() {
    let groups = TestCoordinator::open();
    groups
        .coordinator
        .commit(group(), commit(no_member(), Generation(-1), 7))
        .await
        .unwrap();
    groups
        .coordinator
        .forget_topic(&at().topic, TopicId::random())
        .await
        .unwrap();
    assert_eq!(groups.committed().await, None);

    groups
        .coordinator
        .commit(group(), commit(no_member(), Generation(-1), 8))
        .await
        .unwrap();
    groups.clock.advance(Duration::from_hours(7 * 24 + 1));
    assert_eq!(groups.committed().await, None);
    let groups = groups.restart().await;
    assert_eq!(groups.committed().await, None);
}

#[tokio::test]
async fn what_was_committed_for_a_namesake_of_a_deleted_topic_stays() {
    let groups = TestCoordinator::open();
    let (deleted, namesake) = (TopicId::random(), TopicId::random());
    for id in [deleted, namesake] {
        let mut commit = commit(no_member(), Generation(-1), 7);
        commit.rows[0].topic_id = Some(id);
        groups.coordinator.commit(group(), commit).await.unwrap();
    }
    groups
        .coordinator
        .forget_topic(&at().topic, deleted)
        .await
        .unwrap();
    assert_eq!(groups.committed().await, Some(Offset(7)));
    groups
        .coordinator
        .forget_topic(&at().topic, namesake)
        .await
        .unwrap();
    assert_eq!(groups.committed().await, None);
}
