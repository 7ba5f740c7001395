//! JSON bodies, with errors that are JSON too.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::error::HttpError;

/// axum's `Json`, but for its refusals; and only an object is one.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        match axum::Json::<Box<RawValue>>::from_request(request, state).await {
            Ok(axum::Json(body)) => object(&body).map(Self),
            Err(refusal) => Err(HttpError::Unreadable(refusal.status(), refusal.body_text())),
        }
    }
}

/// serde would take an array for a struct, by the order of its fields.
fn object<T: DeserializeOwned>(body: &RawValue) -> Result<T, HttpError> {
    if !body.get().starts_with('{') {
        return Err(HttpError::Invalid(
            "the body must be a JSON object".to_owned(),
        ));
    }
    serde_json::from_str(body.get()).map_err(|error| HttpError::Invalid(error.to_string()))
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}
