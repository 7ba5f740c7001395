//! Every version of every key while the disk, the log or the groups fail.
//!
//! A client that gets an empty answer because of a failure starts over or skips records, and nobody
//! notices. So an answer has what was asked for, or an error where its version has a place for one,
//! or the connection closes.
//!
//! A broker that is starting is not tested here: it accepts no connection before recovery is done.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the second codec knows more keys than are served"
)]

mod said;
mod stage;

#[path = "../../../tests/wire/codec.rs"]
mod codec;
#[path = "../../../tests/wire/samples.rs"]
mod samples;

use kafka_protocol::messages::ApiKey;

use self::said::Said;
use self::stage::Stage;

/// Keys that the group coordinator answers.
const GROUPS: &[ApiKey] = &[
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::JoinGroup,
    ApiKey::SyncGroup,
    ApiKey::Heartbeat,
    ApiKey::LeaveGroup,
];

/// Keys that are answered from a partition's log.
const RECORDS: &[ApiKey] = &[
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::OffsetForLeaderEpoch,
];

/// Keys whose requests write to disk.
const WRITTEN_DOWN: &[ApiKey] = &[
    ApiKey::Produce,
    ApiKey::OffsetCommit,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
];

/// Sends every version of every key, and returns those with a wrong answer: it must be an error for
/// the keys in `refused`, and an error or what was asked for with all others.
async fn wrong(stage: &Stage, refused: &[&[ApiKey]]) -> Vec<String> {
    let must_refuse = |key: ApiKey| refused.iter().any(|keys| keys.contains(&key));
    let mut wrong = Vec::new();
    for (key, version) in stage::versions() {
        let said = stage.ask(key, version).await;
        if said == Said::Nothing || said == Said::WhatWasAsked && must_refuse(key) {
            wrong.push(format!("{key:?} v{version}: {said:?}"));
        }
    }
    wrong
}

#[tokio::test]
async fn in_health_every_version_of_every_key_has_what_was_asked_for() {
    let stage = Stage::open().await;
    for (key, version) in stage::versions() {
        // A client that is no member gets UNKNOWN_MEMBER_ID.
        let stranger = matches!(
            key,
            ApiKey::SyncGroup | ApiKey::Heartbeat | ApiKey::LeaveGroup
        ) || key == ApiKey::JoinGroup && version >= 4;
        let expected = if stranger {
            Said::Error
        } else {
            Said::WhatWasAsked
        };
        assert_eq!(
            stage.ask(key, version).await,
            expected,
            "{key:?} v{version}"
        );
    }
}

#[tokio::test]
async fn while_the_coordinator_stops_no_answer_looks_like_an_empty_group() {
    let stage = Stage::open().await;
    stage.stop_groups().await;
    assert_eq!(wrong(&stage, &[GROUPS]).await, [] as [String; 0]);
}

#[tokio::test]
async fn while_the_logs_are_closed_no_answer_looks_like_an_empty_partition() {
    let stage = Stage::open().await;
    stage.stop_groups().await;
    stage.close_logs();
    assert_eq!(wrong(&stage, &[GROUPS, RECORDS]).await, [] as [String; 0]);
}

#[tokio::test]
async fn on_a_broken_disk_nothing_is_promised_and_nothing_looks_empty() {
    let stage = Stage::open().await;
    stage.break_disk();
    assert_eq!(
        wrong(&stage, &[WRITTEN_DOWN, &[ApiKey::Fetch]]).await,
        [] as [String; 0]
    );
}

#[tokio::test]
async fn of_a_topic_that_was_deleted_nothing_is_told_but_that_it_is_not_there() {
    let stage = Stage::open().await;
    stage.delete_topic();
    let refused = [
        RECORDS,
        &[
            ApiKey::OffsetCommit,
            ApiKey::Metadata,
            ApiKey::DescribeConfigs,
        ],
    ];
    let mut wrong = wrong(&stage, &refused).await;
    // The committed offsets of a deleted topic are gone as well, so -1 is right.
    wrong.retain(|said| !said.starts_with("OffsetFetch"));
    assert_eq!(wrong, [] as [String; 0]);
}
