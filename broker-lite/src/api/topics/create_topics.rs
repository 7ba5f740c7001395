//! CreateTopics, key 19, versions 2-7.
//!
//! *Behaviour.* Creates topics; each succeeds or fails by itself. With `validate_only` nothing is
//! created. -1 for partitions or replicas means the broker's default. A created topic can be used
//! before the answer is sent.
//!
//! *Versions.* 4: defaults for partitions and replicas (KIP-464). 5: the answer carries the
//! settings (KIP-525); flexible. 6: THROTTLING_QUOTA_EXCEEDED. 7: topic ids (KIP-516).
//!
//! *Known gaps.* One broker: a replication factor above 1 is INVALID_REPLICATION_FACTOR. The
//! timeout is ignored: the answer comes when the topic is created.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use crate::api::context::{Call, TopicsContext};
use crate::api::error::Coded;
use crate::api::topics::describe_configs;
use crate::api::{Api, NoReply};
use crate::config::Settings;
use crate::controller::{NewTopic, TopicError};
use crate::runtime::error_chain;
use crate::types::{NodeId, TopicId, TopicName};
use crate::wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequestData};
use crate::wire::messages::create_topics_response::{
    CreatableTopicResult, CreateTopicsResponseData,
};
use crate::wire::{ErrorCode, KafkaUuid, text, uuid_of};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct CreateTopics;

impl Api for CreateTopics {
    const KEY: i16 = 19;
    const NAME: &'static str = "CreateTopics";
    const VERSIONS: RangeInclusive<i16> = 2..=7;

    type Context = TopicsContext;
    type Request = CreateTopicsRequestData;
    type Response = CreateTopicsResponseData;

    async fn handle(
        context: &TopicsContext,
        call: &mut Call<'_>,
        request: CreateTopicsRequestData,
    ) -> Result<CreateTopicsResponseData, NoReply> {
        let mut times_named = HashMap::new();
        for topic in &request.topics {
            *times_named.entry(topic.name.clone()).or_insert(0_u32) += 1;
        }
        // A topic that is named twice is answered once.
        let mut seen = HashSet::with_capacity(request.topics.len());
        let wanted: Vec<&CreatableTopic> = request
            .topics
            .iter()
            .filter(|topic| seen.insert(topic.name.clone()))
            .collect();
        let plans: Vec<Result<NewTopic, Refused>> = wanted
            .iter()
            .map(|topic| match times_named.get(&topic.name) {
                Some(1) => plan(context, topic),
                _ => Err(refused(
                    ErrorCode::InvalidRequest,
                    "the request names this topic twice",
                )),
            })
            .collect();
        let mut outcomes = if is_too_much(&plans) {
            let reason = format!("one request creates at most {MAX_PARTITIONS} partitions");
            Vec::from_iter(
                plans
                    .iter()
                    .flatten()
                    .map(|_| Err(refused(ErrorCode::PolicyViolation, reason.clone()))),
            )
        } else {
            outcomes(context, &plans, request.validate_only)
        }
        .into_iter();
        let rows = wanted.into_iter().zip(plans).map(|(topic, plan)| {
            let result = plan.and_then(|plan| {
                let id = outcomes.next().unwrap_or(Err(TopicError::Unknown.into()))?;
                Ok(Created {
                    id,
                    partitions: plan.partitions,
                    settings: plan.settings,
                })
            });
            answer(context, call.version, topic, result)
        });
        Ok(CreateTopicsResponseData::default().with_topics(rows.collect()))
    }
}

/// The most partitions that one request creates or validates, as in Kafka.
const MAX_PARTITIONS: i32 = 10_000;

fn is_too_much(plans: &[Result<NewTopic, Refused>]) -> bool {
    let partitions = plans.iter().flatten().map(|plan| plan.partitions.max(0));
    partitions.fold(0, i32::saturating_add) > MAX_PARTITIONS
}

/// A topic that passed all checks.
struct Created {
    id: Option<TopicId>,
    partitions: i32,
    settings: Settings,
}

struct Refused {
    error: ErrorCode,
    reason: String,
}

fn refused(error: ErrorCode, reason: impl Into<String>) -> Refused {
    Refused {
        error,
        reason: reason.into(),
    }
}

impl From<TopicError> for Refused {
    fn from(error: TopicError) -> Self {
        refused(error.code(), error_chain(&error))
    }
}

/// Creates the planned topics: each one's id, or none if nothing is to be created.
fn outcomes(
    context: &TopicsContext,
    plans: &[Result<NewTopic, Refused>],
    validate_only: bool,
) -> Vec<Result<Option<TopicId>, Refused>> {
    let planned = plans.iter().flatten();
    if validate_only {
        let check = |topic| {
            context
                .controller
                .check(topic)
                .map(|()| None)
                .map_err(Refused::from)
        };
        return planned.map(check).collect();
    }
    match context.controller.create_all(planned.clone().cloned()) {
        Ok(topics) => topics
            .into_iter()
            .map(|topic| Ok(Some(topic?.id())))
            .collect(),
        Err(error) => {
            let reason = error_chain(&error);
            tracing::error!(reason, "no topic can be created");
            planned
                .map(|_| Err(refused(error.code(), reason.clone())))
                .collect()
        }
    }
}

fn plan(context: &TopicsContext, wanted: &CreatableTopic) -> Result<NewTopic, Refused> {
    let name = TopicName::new(wanted.name.as_str()).map_err(TopicError::from)?;
    let partitions = partitions(
        wanted,
        context.identity.node,
        context.config.topics.partitions,
    )?;
    let mut settings = Settings::new();
    for config in &wanted.configs {
        let value = config.value.as_ref().ok_or_else(|| {
            refused(
                ErrorCode::InvalidConfig,
                format!("{} has no value: leave it out instead", config.name),
            )
        })?;
        // Trimmed, as Kafka does.
        settings.set(config.name.as_str(), value.as_str().trim());
    }
    Ok(NewTopic {
        name,
        partitions,
        settings,
    })
}

/// Returns the number of partitions, if their replicas can be placed.
fn partitions(wanted: &CreatableTopic, node: NodeId, default: i32) -> Result<i32, Refused> {
    if wanted.assignments.is_empty() {
        if !matches!(wanted.replication_factor, -1 | 1) {
            let factor = wanted.replication_factor;
            let reason =
                format!("a replication factor of {factor} is not possible: there is one broker");
            return Err(refused(ErrorCode::InvalidReplicationFactor, reason));
        }
        return Ok(if wanted.num_partitions == -1 {
            default
        } else {
            wanted.num_partitions
        });
    }
    if wanted.num_partitions != -1 || wanted.replication_factor != -1 {
        let reason =
            "replicas are assigned by hand, so partitions and replication factor must be -1";
        return Err(refused(ErrorCode::InvalidRequest, reason));
    }
    let mut indexes: Vec<i32> = wanted
        .assignments
        .iter()
        .map(|replicas| replicas.partition_index)
        .collect();
    indexes.sort_unstable();
    let dense = (0..)
        .zip(&indexes)
        .all(|(expected, index)| expected == *index);
    let here = wanted
        .assignments
        .iter()
        .all(|replicas| replicas.broker_ids == [node.0]);
    if !dense || !here {
        let reason = format!("partitions count up from 0, and broker {node} is the only one");
        return Err(refused(ErrorCode::InvalidReplicaAssignment, reason));
    }
    Ok(i32::try_from(indexes.len()).unwrap_or(i32::MAX))
}

fn answer(
    context: &TopicsContext,
    version: i16,
    wanted: &CreatableTopic,
    result: Result<Created, Refused>,
) -> CreatableTopicResult {
    let row = CreatableTopicResult::default().with_name(wanted.name.clone());
    match result {
        Ok(Created {
            id,
            partitions,
            settings,
        }) => {
            let id = id.map_or(KafkaUuid::ZERO, uuid_of);
            let row = row.with_topic_id(id);
            if version < 5 {
                return row;
            }
            row.with_num_partitions(partitions)
                .with_replication_factor(1)
                .with_configs(Some(describe_configs::of_new_topic(
                    &context.config,
                    &settings,
                )))
        }
        Err(Refused { error, reason }) => {
            let topic = wanted.name.as_str();
            if error == ErrorCode::KafkaStorageError {
                tracing::error!(topic, reason, "topic not created");
            } else {
                tracing::debug!(topic, reason, "topic not created");
            }
            row.with_error_code(error.code())
                .with_error_message(Some(text(reason)))
        }
    }
}
