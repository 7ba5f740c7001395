//! One line of the table: an API with its types erased.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;

use super::Api;
use super::context::{Call, Context, Family as _};
use super::error::NoReply;
use crate::wire::{Decode, Encode, Reply, response_header_len};

/// An answer on its way.
type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, NoReply>> + Send + 'a>>;

/// An API key, its versions, and what answers it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    /// The key, as the protocol numbers it.
    pub(crate) key: i16,
    /// The name in log lines.
    pub(crate) name: &'static str,
    /// Oldest version served.
    pub(crate) min: i16,
    /// Newest version served.
    pub(crate) max: i16,
    /// Largest body accepted, in bytes.
    pub(crate) max_body_bytes: usize,
    /// Whether it may wait for something that happens elsewhere.
    pub(crate) waits: bool,
    answer: for<'a> fn(&'a Context, Call<'a>, Bytes) -> Answer<'a>,
}

impl Route {
    /// The route to an API.
    pub(crate) const fn of<A: Api>() -> Self {
        Self {
            key: A::KEY,
            name: A::NAME,
            min: *A::VERSIONS.start(),
            max: *A::VERSIONS.end(),
            max_body_bytes: A::MAX_BODY_BYTES,
            waits: A::WAITS,
            answer: answer::<A>,
        }
    }

    /// Decodes the body, calls the API and encodes its response.
    ///
    /// # Errors
    /// [`NoReply`] when nothing is to be sent.
    pub(crate) async fn answer(
        &self,
        context: &Context,
        call: Call<'_>,
        body: Bytes,
    ) -> Result<Reply, NoReply> {
        (self.answer)(context, call, body).await
    }
}

fn answer<'a, A: Api>(context: &'a Context, mut call: Call<'a>, mut body: Bytes) -> Answer<'a> {
    let version = call.version;
    let request = A::Request::decode(&mut body, version).map_err(|source| NoReply::Malformed {
        api: A::NAME,
        version,
        source,
    });
    Box::pin(async move {
        let response = A::handle(A::Context::of(context), &mut call, request?).await?;
        let mut reply = Reply::new(call.correlation_id, response_header_len(A::KEY, version));
        response
            .encode(&mut reply, version)
            .map_err(|source| NoReply::Unencodable {
                api: A::NAME,
                version,
                source,
            })?;
        Ok(reply)
    })
}
