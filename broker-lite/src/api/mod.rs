//! The Kafka API, one file per key.
//!
//! An API file says which key and versions it serves and answers one decoded request ([`Api`]).
//! [`TABLE`] lists them all: the router looks requests up in it, and ApiVersions reads it out to
//! clients, so that nothing can be advertised that is not served. Where a file tells *known gaps*,
//! they are differences from Kafka 4.3. A null array where the protocol allows none is read as empty,
//! where Kafka closes the connection. To add a key: write its file, add a row for its messages in
//! `wire/messages.rs`, add its line below.

mod router;
mod route;
mod records;
mod topics;
mod groups;
mod transactions;
mod cluster;
mod context;
mod session;
mod error;
#[cfg(test)]
mod trouble;

use std::future::Future;
use std::ops::RangeInclusive;

use context::{Call, Family};
pub(crate) use context::{Context, Modules};
pub(crate) use error::NoReply;
use route::Route;
pub(crate) use router::Router;
pub(crate) use session::Session;

use crate::wire::{Decode, Encode};

/// Every API that this broker serves, by key.
const TABLE: &[Route] = &[
    Route::of::<records::Produce>(),
    Route::of::<records::Fetch>(),
    Route::of::<records::ListOffsets>(),
    Route::of::<topics::Metadata>(),
    Route::of::<groups::OffsetCommit>(),
    Route::of::<groups::OffsetFetch>(),
    Route::of::<groups::FindCoordinator>(),
    Route::of::<groups::JoinGroup>(),
    Route::of::<groups::Heartbeat>(),
    Route::of::<groups::LeaveGroup>(),
    Route::of::<groups::SyncGroup>(),
    Route::of::<cluster::ApiVersions>(),
    Route::of::<topics::CreateTopics>(),
    Route::of::<topics::DeleteTopics>(),
    Route::of::<transactions::InitProducerId>(),
    Route::of::<records::OffsetForLeaderEpoch>(),
    Route::of::<topics::DescribeConfigs>(),
];

/// One API key.
pub(crate) trait Api {
    /// The key, as the protocol numbers it.
    const KEY: i16;
    /// The name in log lines.
    const NAME: &'static str;
    /// The versions served, which are also the versions advertised.
    const VERSIONS: RangeInclusive<i16>;
    /// Largest body accepted, in bytes. Decoded values take several times the memory of their bytes,
    /// so a body as large as a frame may be could fill the memory. Only records are kept as they
    /// come.
    const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

    /// Whether it may wait for something that happens elsewhere. If so, it is dropped when its client
    /// hangs up; other requests are carried out nevertheless.
    const WAITS: bool = false;

    /// The modules that it uses.
    type Context: Family;

    /// The decoded request.
    type Request: Decode + Send + 'static;
    /// The response, before encoding.
    type Response: Encode + Send;

    /// Answers one request.
    ///
    /// Requests of one connection come one after the other, as in Kafka: while this waits, the
    /// connection's next request waits too, but no other connection does. When the client goes away the
    /// future is dropped where it waits.
    ///
    /// # Errors
    /// [`NoReply`] when no answer is possible or due; everything else is an error code in the
    /// response.
    fn handle(
        context: &Self::Context,
        call: &mut Call<'_>,
        request: Self::Request,
    ) -> impl Future<Output = Result<Self::Response, NoReply>> + Send;
}
