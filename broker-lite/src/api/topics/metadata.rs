//! Metadata, key 3, versions 0-13.
//!
//! *Behaviour.* Returns the brokers, and the topics asked for with their partitions. A missing
//! topic is created when both the broker (`auto.create.topics.enable`) and the request allow it,
//! and is in this answer. Kafka answers UNKNOWN_TOPIC_OR_PARTITION first, since it creates the
//! topic asynchronously, and clients ask again after 100 ms.
//!
//! *Versions.* 0: no topics means all. 1: null means all, none means none; controller, racks. 2:
//! cluster id. 4: the client says whether a topic may be created. 5: offline replicas. 7: leader
//! epochs (KIP-320). 8: authorized operations (KIP-430), the cluster's until 10. 9: flexible. 10:
//! topic ids (KIP-516). 12: topics by id. 13: an error for the whole answer (KIP-1102).
//!
//! *Known gaps.* There are no ACLs yet, so all operations are authorized. A topic whose name
//! differs from another's only in dots and underscores is not created, where Kafka checks that in
//! CreateTopics alone. In versions 10 and 11 an id is looked up, where Kafka refuses the request.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::api::context::{Call, TopicsContext, advertised};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::config::Settings;
use crate::controller::{NewTopic, TopicError};
use crate::metadata::{Image, Topic, is_internal};
use crate::replica::LocalView;
use crate::runtime::error_chain;
use crate::types::{LeaderEpoch, PartitionId, TopicName};
use crate::wire::messages::metadata_request::{MetadataRequestData, MetadataRequestTopic};
use crate::wire::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponseData, MetadataResponsePartition, MetadataResponseTopic,
};
use crate::wire::{ErrorCode, KafkaString, text, topic_id, uuid_of};

/// The most partitions that one request creates. The topics beyond are unknown until the client
/// asks again.
const MAX_AUTO_CREATED: usize = 1000;
/// The operations on a topic that are allowed: read, write, create, delete, alter, describe, and
/// its settings (KIP-430's bits).
const TOPIC_OPERATIONS: i32 = 0b1101_1111_1000;
/// The operations on the cluster that are allowed: create, alter, describe, cluster action,
/// settings, idempotent write.
const CLUSTER_OPERATIONS: i32 = 0b1_1111_1010_0000;

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct Metadata;

impl Api for Metadata {
    const KEY: i16 = 3;
    const NAME: &'static str = "Metadata";
    const VERSIONS: RangeInclusive<i16> = 0..=13;

    type Context = TopicsContext;
    type Request = MetadataRequestData;
    type Response = MetadataResponseData;

    async fn handle(
        context: &TopicsContext,
        call: &mut Call<'_>,
        request: MetadataRequestData,
    ) -> Result<MetadataResponseData, NoReply> {
        let node = context.identity.node.0;
        let (host, port) = advertised(&context.config, call.session);
        let broker = MetadataResponseBroker::default()
            .with_node_id(node)
            .with_host(text(host))
            .with_port(i32::from(port));
        let mut response = MetadataResponseData::default()
            .with_brokers(vec![broker])
            .with_cluster_id(Some(text(context.identity.cluster_id.clone())))
            .with_controller_id(node)
            .with_topics(topics(context, call.version, &request));
        if request.include_cluster_authorized_operations {
            response = response.with_cluster_authorized_operations(CLUSTER_OPERATIONS);
        }
        Ok(response)
    }
}

fn topics(
    context: &TopicsContext,
    version: i16,
    request: &MetadataRequestData,
) -> Vec<MetadataResponseTopic> {
    let view = context.replicas.view();
    let operations = request.include_topic_authorized_operations;
    let node = context.identity.node.0;
    let all = || {
        let topics = view.image().topics();
        topics.map(|topic| describe(&view, topic, node, operations))
    };
    match &request.topics {
        None => all().collect(),
        Some(names) if names.is_empty() && version == 0 => all().collect(),
        Some(names) => {
            // Before version 4 a client could not say; only the broker's setting decided.
            let may_create = request.allow_auto_topic_creation || version < 4;
            let unknown = distinct(names).filter(|wanted| look_up(view.image(), wanted).is_none());
            let refused = if may_create {
                create(context, unknown)
            } else {
                HashMap::new()
            };
            // A topic that was just created is in a later view.
            let view = context.replicas.view();
            let answer = |wanted| match look_up(view.image(), wanted) {
                Some(topic) => describe(&view, topic, node, operations),
                None => missing(version, wanted, &refused),
            };
            distinct(names).map(answer).collect()
        }
    }
}

/// A topic that is named twice is answered once, as in Kafka: a small request must not ask for a
/// huge answer.
fn distinct(named: &[MetadataRequestTopic]) -> impl Iterator<Item = &MetadataRequestTopic> {
    let mut seen = HashSet::with_capacity(named.len());
    // An id beside a name is ignored.
    named
        .iter()
        .filter(move |topic| seen.insert(topic.name.as_ref().ok_or(topic.topic_id)))
}

fn look_up<'a>(image: &'a Image, wanted: &MetadataRequestTopic) -> Option<&'a Topic> {
    let topic = match &wanted.name {
        Some(name) => image.topic(name.as_str()),
        None => topic_id(wanted.topic_id).and_then(|id| image.topic_by_id(id)),
    };
    topic.map(AsRef::as_ref)
}

fn describe(view: &LocalView, topic: &Topic, node: i32, operations: bool) -> MetadataResponseTopic {
    let partition = |id: PartitionId| {
        let epoch = view
            .partition(topic, id)
            .map_or(LeaderEpoch::NONE, |partition| partition.leader_epoch());
        MetadataResponsePartition::default()
            .with_partition_index(id.0)
            .with_leader_id(node)
            .with_leader_epoch(epoch.0)
            .with_replica_nodes(vec![node])
            .with_isr_nodes(vec![node])
    };
    let described = MetadataResponseTopic::default()
        .with_name(Some(text(topic.name().as_str())))
        .with_topic_id(uuid_of(topic.id()))
        .with_is_internal(topic.is_internal())
        .with_partitions(topic.partitions().map(partition).collect());
    if operations {
        described.with_topic_authorized_operations(TOPIC_OPERATIONS)
    } else {
        described
    }
}

/// Returns the response for a topic that does not exist.
fn missing(
    version: i16,
    wanted: &MetadataRequestTopic,
    refused: &HashMap<TopicName, ErrorCode>,
) -> MetadataResponseTopic {
    let Some(name) = &wanted.name else {
        let nameless = (version < 12).then(KafkaString::default);
        return MetadataResponseTopic::default()
            .with_error_code(ErrorCode::UnknownTopicId.code())
            .with_name(nameless)
            .with_topic_id(wanted.topic_id);
    };
    let error = match TopicName::new(name.as_str()) {
        Err(_) => ErrorCode::InvalidTopicException,
        Ok(name) => refused
            .get(&name)
            .copied()
            .unwrap_or(ErrorCode::UnknownTopicOrPartition),
    };
    MetadataResponseTopic::default()
        .with_error_code(error.code())
        .with_name(Some(name.clone()))
}

/// Creates missing topics that are asked for, and returns why some cannot be.
fn create<'a>(
    context: &TopicsContext,
    unknown: impl Iterator<Item = &'a MetadataRequestTopic>,
) -> HashMap<TopicName, ErrorCode> {
    let names = unknown.filter_map(|wanted| TopicName::new(wanted.name.as_ref()?.as_str()).ok());
    // The broker creates its internal topics itself, with settings of their own.
    let partitions = context.config.topics.partitions;
    let most = MAX_AUTO_CREATED.div_ceil(usize::try_from(partitions).unwrap_or(1).max(1));
    let names: Vec<TopicName> = names.filter(|name| !is_internal(name)).take(most).collect();
    if !context.config.topics.auto_create || names.is_empty() {
        return HashMap::new();
    }
    let topic = |name: &TopicName| NewTopic {
        name: name.clone(),
        partitions,
        settings: Settings::new(),
    };
    match context.controller.create_all(names.iter().map(topic)) {
        Ok(outcomes) => names
            .into_iter()
            .zip(outcomes)
            .filter_map(refusal)
            .collect(),
        Err(error) => {
            tracing::error!(error = %error_chain(&error), "topics not created");
            names.into_iter().map(|name| (name, error.code())).collect()
        }
    }
}

fn refusal(
    (name, outcome): (TopicName, Result<Arc<Topic>, TopicError>),
) -> Option<(TopicName, ErrorCode)> {
    match outcome {
        Ok(_) | Err(TopicError::Exists { .. }) => None,
        Err(error) => {
            tracing::warn!(topic = %name, error = %error_chain(&error), "topic not created");
            Some((name, error.code()))
        }
    }
}
