//! DeleteTopics, key 20, versions 1-6.
//!
//! *Behaviour.* Deletes topics with their records and the offsets that groups committed for them;
//! each succeeds or fails by itself. Fetches that wait for one are answered with an error.
//!
//! *Versions.* 3: TOPIC_DELETION_DISABLED. 4: flexible. 5: error messages (KIP-599). 6: topics by
//! id (KIP-516).

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::api::context::{Call, TopicsContext};
use crate::api::error::Coded;
use crate::api::{Api, NoReply};
use crate::controller::TopicError;
use crate::metadata::{Image, Topic};
use crate::runtime::error_chain;
use crate::types::TopicId;
use crate::wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequestData};
use crate::wire::messages::delete_topics_response::{
    DeletableTopicResult, DeleteTopicsResponseData,
};
use crate::wire::{ErrorCode, KafkaString, KafkaUuid, text, topic_id, uuid_of};

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct DeleteTopics;

impl Api for DeleteTopics {
    const KEY: i16 = 20;
    const NAME: &'static str = "DeleteTopics";
    const VERSIONS: RangeInclusive<i16> = 1..=6;

    type Context = TopicsContext;
    type Request = DeleteTopicsRequestData;
    type Response = DeleteTopicsResponseData;

    async fn handle(
        context: &TopicsContext,
        call: &mut Call<'_>,
        request: DeleteTopicsRequestData,
    ) -> Result<DeleteTopicsResponseData, NoReply> {
        let by_name = request.topic_names.into_iter();
        let by_name = by_name.map(|name| DeleteTopicState::default().with_name(Some(name)));
        let wanted: Vec<DeleteTopicState> = by_name.chain(request.topics).collect();
        let image = context.metadata.image();
        let mut times_named: HashMap<Identity, u32> = HashMap::with_capacity(wanted.len());
        for topic in &wanted {
            *times_named.entry(identity(&image, topic)).or_default() += 1;
        }
        let mut responses = Vec::with_capacity(times_named.len());
        for topic in wanted {
            // A topic that is named twice is answered once, with an error, and stays.
            responses.push(match times_named.remove(&identity(&image, &topic)) {
                None => continue,
                Some(1) => delete(context, &image, call.version, topic).await,
                Some(_) => refused(topic, ErrorCode::InvalidRequest),
            });
        }
        Ok(DeleteTopicsResponseData::default().with_responses(responses))
    }
}

/// The identity in an entry of the request: an existing topic, or a name or id that none has.
type Identity = (Option<TopicId>, Option<KafkaString>, KafkaUuid);

fn identity(image: &Image, wanted: &DeleteTopicState) -> Identity {
    match find(image, wanted) {
        Some(topic) => (Some(topic.id()), None, KafkaUuid::ZERO),
        None => (None, wanted.name.clone(), wanted.topic_id),
    }
}

fn find<'a>(image: &'a Image, wanted: &DeleteTopicState) -> Option<&'a Arc<Topic>> {
    match &wanted.name {
        Some(name) => image.topic(name.as_str()),
        None => topic_id(wanted.topic_id).and_then(|id| image.topic_by_id(id)),
    }
}

fn refused(wanted: DeleteTopicState, error: ErrorCode) -> DeletableTopicResult {
    DeletableTopicResult::default()
        .with_name(wanted.name)
        .with_topic_id(wanted.topic_id)
        .with_error_code(error.code())
}

async fn delete(
    context: &TopicsContext,
    image: &Image,
    version: i16,
    wanted: DeleteTopicState,
) -> DeletableTopicResult {
    // Either a name or an id, and not both.
    if wanted.name.is_some() != wanted.topic_id.is_nil() {
        return refused(wanted, ErrorCode::InvalidRequest);
    }
    let Some(topic) = find(image, &wanted) else {
        let by_name = wanted.name.is_some();
        let unknown = if by_name {
            ErrorCode::UnknownTopicOrPartition
        } else {
            ErrorCode::UnknownTopicId
        };
        return refused(wanted, unknown);
    };
    let name: KafkaString = text(topic.name().as_str());
    let id = uuid_of(topic.id());
    let row = DeletableTopicResult::default()
        .with_name(Some(name))
        .with_topic_id(id);
    match context.controller.delete(topic.id()) {
        Ok(()) => {
            if let Err(error) = context.groups.forget_topic(topic.name(), topic.id()).await {
                tracing::warn!(topic = %topic.name(), %error, "offsets of a deleted topic stay until they expire");
            }
            row
        }
        Err(error) => {
            tracing::warn!(topic = %topic.name(), error = %error_chain(&error), "topic not deleted");
            row.with_error_code(code(&error, version).code())
                .with_error_message(Some(text(error_chain(&error))))
        }
    }
}

fn code(error: &TopicError, version: i16) -> ErrorCode {
    if version < 3 && matches!(error, TopicError::DeletionDisabled) {
        return ErrorCode::InvalidRequest;
    }
    error.code()
}
