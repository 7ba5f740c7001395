//! From a frame to the API that answers it.

use bytes::Bytes;

use super::cluster::ApiVersions;
use super::context::{Call, Context};
use super::error::NoReply;
use super::route::Route;
use super::session::Session;
use super::{Api, TABLE, cluster};
use crate::wire::{KafkaString, Reply, RequestHeader, has_tagged_request_header};

/// Has each request answered by its API.
#[derive(Debug)]
pub(crate) struct Router {
    context: Context,
}

/// A request whose API is known.
#[derive(Debug)]
pub(crate) struct Routed {
    target: Target,
    version: i16,
    correlation_id: i32,
    client_id: Option<KafkaString>,
    body: Bytes,
}

#[derive(Debug)]
enum Target {
    Api(&'static Route),
    /// A version of ApiVersions that is not served: answered in the oldest layout, with an error
    /// and the versions that are (KIP-511). For any other API no layout is safe.
    UnknownApiVersions,
}

impl Routed {
    /// Whether the answer may wait for something that happens elsewhere.
    pub(crate) fn waits(&self) -> bool {
        match self.target {
            Target::Api(route) => route.waits,
            Target::UnknownApiVersions => false,
        }
    }
}

impl Router {
    /// A router whose APIs work on `context`.
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }

    /// Finds the API for the request in one frame.
    ///
    /// # Errors
    /// [`NoReply`] when no API can answer it; it says whether the connection must close.
    pub(crate) fn route(mut frame: Bytes) -> Result<Routed, NoReply> {
        let RequestHeader {
            key,
            version,
            correlation_id,
            client_id,
        } = RequestHeader::read(&mut frame).map_err(NoReply::Header)?;
        let route = TABLE
            .iter()
            .find(|route| route.key == key)
            .ok_or(NoReply::UnknownKey { key, version })?;
        let is_served = (route.min..=route.max).contains(&version);
        if !is_served && route.key != ApiVersions::KEY {
            return Err(NoReply::UnknownVersion {
                api: route.name,
                version,
            });
        }
        if is_served && has_tagged_request_header(key, version) {
            RequestHeader::skip_tags(&mut frame).map_err(NoReply::Header)?;
        }
        let (length, limit) = (frame.len(), route.max_body_bytes);
        if is_served && length > limit {
            return Err(NoReply::TooLarge {
                api: route.name,
                length,
                limit,
            });
        }
        Ok(Routed {
            target: if is_served {
                Target::Api(route)
            } else {
                Target::UnknownApiVersions
            },
            version,
            correlation_id,
            client_id,
            body: frame,
        })
    }

    /// Answers a request.
    ///
    /// # Errors
    /// [`NoReply`] when nothing is to be sent; it says whether the connection must close.
    ///
    /// # Cancel safety
    /// A dropped call stops where it waits. What it has appended or decided by then stays, as with
    /// a client that does not read its answer.
    pub(crate) async fn answer(
        &self,
        session: &mut Session,
        routed: Routed,
    ) -> Result<Reply, NoReply> {
        let Routed {
            target,
            version,
            correlation_id,
            client_id,
            body,
        } = routed;
        let route = match target {
            Target::Api(route) => route,
            Target::UnknownApiVersions => return cluster::downgraded(correlation_id),
        };
        tracing::debug!(api = route.name, version, correlation_id, peer = %session.peer, "request");
        let call = Call {
            version,
            correlation_id,
            client_id,
            session,
        };
        route.answer(&self.context, call, body).await
    }
}
