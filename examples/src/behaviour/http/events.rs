//! `POST /events`: what a page tells of its visitor.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use wellspring::prelude::Bytes;

use super::error::HttpError;
use crate::behaviour::collect::Collector;
use crate::behaviour::event::Batch;

/// 202 once every in-sync replica has all events of the batch; 503 when that is not known.
///
/// The body is JSON whatever its content type says: `navigator.sendBeacon` says `text/plain`.
pub(super) async fn accept(
    State(collector): State<Collector>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, HttpError> {
    let batch: Batch = serde_json::from_slice(&body?)?;
    let accepted = collector.collect(batch).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "accepted": accepted }))).into_response())
}
