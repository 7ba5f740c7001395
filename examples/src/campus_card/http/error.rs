//! What a client is told when a request fails: a status and a JSON body with one sentence.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tracing::warn;
use wellspring::producer::SendError;

use crate::campus_card::ledger::LedgerError;

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum HttpError {
    /// The body is not JSON, too large, or of another content type.
    Unreadable(StatusCode, String),
    /// The body is JSON but not a valid top-up.
    Invalid(String),
    /// What was asked for is not known.
    NotFound(String),
    /// The path exists, but not for this method.
    MethodNotAllowed,
    /// The broker did not confirm the command: it may or may not be on record. With this
    /// Idempotency-Key it can be sent again in either case.
    NotAcknowledged(SendError, String),
    /// The ledger did not answer.
    Ledger(LedgerError),
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Unreadable(status, message) => (status, message),
            Self::Invalid(message) => (StatusCode::UNPROCESSABLE_ENTITY, message),
            Self::NotFound(message) => (StatusCode::NOT_FOUND, message),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "this path does not take this method".to_owned(),
            ),
            Self::NotAcknowledged(error, key) => {
                warn!(%error, "top-up not acknowledged");
                let message = format!(
                    "the top-up is not confirmed: send it again with the Idempotency-Key {key}"
                );
                (StatusCode::SERVICE_UNAVAILABLE, message)
            }
            Self::Ledger(error) => {
                warn!(%error, "ledger did not answer");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the ledger does not answer: try again".to_owned(),
                )
            }
        };
        (status, axum::Json(json!({ "error": message }))).into_response()
    }
}

impl From<LedgerError> for HttpError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}
