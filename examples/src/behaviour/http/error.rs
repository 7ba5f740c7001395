//! What a client is told when a request fails: a status and a JSON body with one sentence.

use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::error::Category;
use serde_json::json;
use tracing::warn;

use crate::behaviour::collect::CollectError;

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum HttpError {
    /// The body is too large, or broke off.
    Unreadable(BytesRejection),
    /// The body is not JSON, or not a batch.
    NoBatch(serde_json::Error),
    /// The batch is not valid, or not acknowledged.
    NotCollected(CollectError),
    /// There is no such path.
    NotFound,
    /// The path exists, but not for this method.
    MethodNotAllowed,
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Unreadable(refusal) => (refusal.status(), refusal.body_text()),
            Self::NoBatch(error) => (status_of(error.classify()), error.to_string()),
            Self::NotCollected(CollectError::Invalid(invalid)) => {
                (StatusCode::UNPROCESSABLE_ENTITY, invalid.to_string())
            }
            Self::NotCollected(CollectError::NotAcknowledged(error)) => {
                warn!(%error, "a batch of events was not acknowledged");
                let message = "the events are not confirmed: send the same batch again, \
                               each id counts once";
                (StatusCode::SERVICE_UNAVAILABLE, message.to_owned())
            }
            Self::NotFound => {
                let message = "there is nothing here: try /, /dashboard or POST /events";
                (StatusCode::NOT_FOUND, message.to_owned())
            }
            Self::MethodNotAllowed => {
                let message = "this path does not take this method";
                (StatusCode::METHOD_NOT_ALLOWED, message.to_owned())
            }
        };
        (status, axum::Json(json!({ "error": message }))).into_response()
    }
}

/// 422 for JSON that is no batch, 400 for what is no JSON.
const fn status_of(category: Category) -> StatusCode {
    match category {
        Category::Data => StatusCode::UNPROCESSABLE_ENTITY,
        Category::Io | Category::Syntax | Category::Eof => StatusCode::BAD_REQUEST,
    }
}

impl From<BytesRejection> for HttpError {
    fn from(refusal: BytesRejection) -> Self {
        Self::Unreadable(refusal)
    }
}

impl From<serde_json::Error> for HttpError {
    fn from(error: serde_json::Error) -> Self {
        Self::NoBatch(error)
    }
}

impl From<CollectError> for HttpError {
    fn from(error: CollectError) -> Self {
        Self::NotCollected(error)
    }
}
