//! DeleteTopics, key 20, versions 1-6.
//!
//! *Behaviour.* Deletes each topic with its records and the offsets that groups have committed for it, or says why not.
//! Fetches that wait for it are answered with an error.
//!
//! *Versions.* 3: TOPIC_DELETION_DISABLED. 4: flexible. 5: error messages (KIP-599). 6: topics by id (KIP-516).

use crate::api::error::Coded;
use crate::api::{Api, Call, Context, NoReply};
use crate::cluster::CatalogueError;
use crate::runtime::chain;
use crate::wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequestData};
use crate::wire::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponseData};
use crate::wire::{ErrorCode, KafkaString, text, topic_id, uuid_of};
use std::ops::RangeInclusive;

/// See the head of this file.
#[derive(Debug)]
pub(crate) struct DeleteTopics;

impl Api for DeleteTopics {
    const KEY: i16 = 20;
    const NAME: &'static str = "DeleteTopics";
    const VERSIONS: RangeInclusive<i16> = 1..=6;

    type Request = DeleteTopicsRequestData;
    type Response = DeleteTopicsResponseData;

    async fn handle(
        context: &Context,
        call: &Call,
        request: DeleteTopicsRequestData,
    ) -> Result<DeleteTopicsResponseData, NoReply> {
        let by_name = request.topic_names.into_iter();
        let by_name = by_name.map(|name| DeleteTopicState::default().with_name(Some(name)));
        let mut responses = Vec::new();
        for wanted in by_name.chain(request.topics) {
            responses.push(delete(context, call.version, wanted).await);
        }
        Ok(DeleteTopicsResponseData::default().with_responses(responses))
    }
}

async fn delete(context: &Context, version: i16, wanted: DeleteTopicState) -> DeletableTopicResult {
    let image = context.catalogue.image();
    let (topic, unknown) = match &wanted.name {
        Some(name) => (image.topic(name.as_str()), ErrorCode::UnknownTopicOrPartition),
        None => {
            let topic = topic_id(wanted.topic_id).and_then(|id| image.topic_by_id(id));
            (topic, ErrorCode::UnknownTopicId)
        }
    };
    let Some(topic) = topic else {
        return DeletableTopicResult::default()
            .with_name(wanted.name)
            .with_topic_id(wanted.topic_id)
            .with_error_code(unknown.code());
    };
    let name: KafkaString = text(topic.name().as_str());
    let id = uuid_of(topic.id());
    let row = DeletableTopicResult::default().with_name(Some(name)).with_topic_id(id);
    match context.catalogue.delete(topic.id()) {
        Ok(()) => {
            if let Err(error) = context.groups.forget_topic(topic.name()).await {
                tracing::warn!(topic = %topic.name(), %error, "offsets of a deleted topic stay until they expire");
            }
            row
        }
        Err(error) => {
            tracing::warn!(topic = %topic.name(), error = %chain(&error), "topic not deleted");
            row.with_error_code(code(&error, version).code()).with_error_message(Some(text(chain(&error))))
        }
    }
}

fn code(error: &CatalogueError, version: i16) -> ErrorCode {
    if version < 3 && matches!(error, CatalogueError::DeletionDisabled) {
        return ErrorCode::InvalidRequest;
    }
    error.code()
}
