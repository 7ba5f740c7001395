//! The contents of an answer by the second codec, with an eye for absent fields.

use kafka_protocol::messages::ResponseKind;

use super::samples::values;

/// The meaning of an answer for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    WhatWasAsked,
    Error,
    /// Neither: it is taken for emptiness.
    Nothing,
}

/// One row of an answer: its error code, and whether it has what was asked for.
type Row = (i16, bool);

/// An error for all, or else the rows: of none, or of one that has neither error nor content,
/// nothing is said.
fn all(error: i16, rows: impl IntoIterator<Item = Row>) -> Said {
    if error != 0 {
        return Said::Error;
    }
    let each = rows
        .into_iter()
        .map(|(error, has_content)| match (error, has_content) {
            (0, true) => Said::WhatWasAsked,
            (0, false) => Said::Nothing,
            _ => Said::Error,
        });
    let each: Vec<Said> = each.collect();
    let worst = |one: Said| each.contains(&one);
    if each.is_empty() || worst(Said::Nothing) {
        Said::Nothing
    } else if worst(Said::Error) {
        Said::Error
    } else {
        Said::WhatWasAsked
    }
}

/// Returns the contents of an answer, row by row.
pub(super) fn said(version: i16, response: &ResponseKind) -> Said {
    match response {
        ResponseKind::Produce(produced) => {
            let rows = produced
                .responses
                .iter()
                .flat_map(|topic| &topic.partition_responses);
            all(0, rows.map(|row| (row.error_code, row.base_offset >= 0)))
        }
        ResponseKind::Fetch(fetched) => {
            let rows = fetched.responses.iter().flat_map(|topic| &topic.partitions);
            all(
                fetched.error_code,
                rows.map(|row| (row.error_code, values(row.records.clone()) == ["a", "b"])),
            )
        }
        ResponseKind::ListOffsets(listed) => {
            let rows = listed.topics.iter().flat_map(|topic| &topic.partitions);
            all(0, rows.map(|row| (row.error_code, row.offset == 2)))
        }
        ResponseKind::Metadata(metadata) => all(
            0,
            metadata
                .topics
                .iter()
                .map(|topic| (topic.error_code, topic.partitions.len() == 2)),
        ),
        ResponseKind::OffsetCommit(committed) => {
            let rows = committed.topics.iter().flat_map(|topic| &topic.partitions);
            all(0, rows.map(|row| (row.error_code, true)))
        }
        // Nothing was committed for partition 1 of the two asked for.
        ResponseKind::OffsetFetch(fetched) if version >= 8 => {
            let group = &fetched.groups[0];
            let rows = group.topics.iter().flat_map(|topic| &topic.partitions);
            let rows = rows.map(|row| {
                (
                    row.error_code,
                    row.partition_index == 1 || row.committed_offset == 7,
                )
            });
            all(group.error_code, rows)
        }
        ResponseKind::OffsetFetch(fetched) => {
            let rows = fetched.topics.iter().flat_map(|topic| &topic.partitions);
            let rows = rows.map(|row| {
                (
                    row.error_code,
                    row.partition_index == 1 || row.committed_offset == 7,
                )
            });
            all(if version >= 2 { fetched.error_code } else { 0 }, rows)
        }
        ResponseKind::FindCoordinator(found) if version >= 4 => all(
            0,
            found
                .coordinators
                .iter()
                .map(|one| (one.error_code, one.port > 0)),
        ),
        ResponseKind::FindCoordinator(found) => all(found.error_code, [(0, found.port > 0)]),
        ResponseKind::JoinGroup(joined) => {
            all(joined.error_code, [(0, !joined.member_id.is_empty())])
        }
        // The sample is no member, so an answer without an error would be wrong.
        ResponseKind::SyncGroup(answer) => all(answer.error_code, []),
        ResponseKind::Heartbeat(answer) => all(answer.error_code, []),
        ResponseKind::LeaveGroup(left) => all(
            left.error_code,
            left.members.iter().map(|member| (member.error_code, false)),
        ),
        ResponseKind::ApiVersions(versions) => {
            all(versions.error_code, [(0, !versions.api_keys.is_empty())])
        }
        ResponseKind::CreateTopics(created) => all(
            0,
            created.topics.iter().map(|topic| (topic.error_code, true)),
        ),
        ResponseKind::DeleteTopics(deleted) => all(
            0,
            deleted
                .responses
                .iter()
                .map(|topic| (topic.error_code, true)),
        ),
        ResponseKind::InitProducerId(given) => {
            all(given.error_code, [(0, given.producer_id.0 >= 0)])
        }
        ResponseKind::OffsetForLeaderEpoch(ends) => {
            let rows = ends.topics.iter().flat_map(|topic| &topic.partitions);
            all(0, rows.map(|row| (row.error_code, row.end_offset == 2)))
        }
        ResponseKind::DescribeConfigs(described) => all(
            0,
            described
                .results
                .iter()
                .map(|result| (result.error_code, result.configs.len() > 10)),
        ),
        other => panic!("nobody has said what is right: {other:?}"),
    }
}
