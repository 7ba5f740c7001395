//! From a frame to the API that answers it.

use std::sync::Arc;

use bytes::Bytes;

use super::cluster::ApiVersions;
use super::{Api, Call, Context, Ends, Habits, NoReply, Route, TABLE, cluster};
use crate::wire::{Reply, RequestHeader, has_tagged_request_header};

/// Finds the API for each request.
#[derive(Debug)]
pub(crate) struct Router {
    context: Context,
}

impl Router {
    /// A router whose APIs work on `context`.
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }

    /// Whether the answer to this request may wait for something that happens elsewhere.
    pub(crate) fn waits(frame: &[u8]) -> bool {
        let key = frame.first_chunk().map(|key| i16::from_be_bytes(*key));
        TABLE
            .iter()
            .any(|route| Some(route.key) == key && route.waits)
    }

    /// Answers the request in one frame.
    ///
    /// # Errors
    /// [`NoReply`] when nothing is to be sent; it says whether the connection must close.
    ///
    /// # Cancel safety
    /// A dropped call stops where it waits. What it has appended or decided by then stays, as with
    /// a client that does not read its answer.
    pub(crate) async fn answer(
        &self,
        mut frame: Bytes,
        ends: Ends,
        habits: Arc<Habits>,
    ) -> Result<Reply, NoReply> {
        let header = RequestHeader::read(&mut frame).map_err(NoReply::Header)?;
        let RequestHeader {
            key,
            version,
            correlation_id,
            client_id,
        } = header;
        let route = TABLE
            .iter()
            .find(|route| route.key == key)
            .ok_or(NoReply::UnknownKey { key, version })?;
        if !(route.min..=route.max).contains(&version) {
            return unknown_version(route, version, correlation_id);
        }
        if has_tagged_request_header(key, version) {
            RequestHeader::skip_tags(&mut frame).map_err(NoReply::Header)?;
        }
        let (length, limit) = (frame.len(), route.largest_body);
        if length > limit {
            return Err(NoReply::TooLarge {
                api: route.name,
                length,
                limit,
            });
        }
        tracing::debug!(api = route.name, version, correlation_id, peer = %ends.peer, "request");
        let call = Call {
            version,
            correlation_id,
            client_id,
            ends,
            habits,
        };
        route.answer(&self.context, &call, frame).await
    }
}

/// ApiVersions is how a client learns what it may ask, so a version of it that we do not know is
/// answered in the oldest layout, with an error and our own range (KIP-511). For any other API no
/// layout is safe.
fn unknown_version(route: &Route, version: i16, correlation_id: i32) -> Result<Reply, NoReply> {
    if route.key == ApiVersions::KEY {
        return cluster::downgraded(correlation_id);
    }
    Err(NoReply::UnknownVersion {
        api: route.name,
        version,
    })
}
