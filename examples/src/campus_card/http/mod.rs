//! The routes: accept a top-up, ask how far it is, list the last ones, ask what a card holds and how
//! it came to that, and a page to look at.

mod lists;
mod resources;
mod error;
mod json;
mod segment;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tracing::warn;
use uuid::Uuid;

use self::error::HttpError;
use self::json::Json;
pub use self::resources::Resources;
use self::segment::Segment;
use super::command::TopUpRequest;
use super::ledger::TopUpStatus;

/// Largest body that is read, in bytes.
const BODY_LIMIT: usize = 16 * 1024;

/// Ids are made from an `Idempotency-Key`, and live in a namespace of their own.
const KEYS: Uuid = Uuid::from_u128(0x6361_6d70_7573_5d63_a172_646b_6579_7301);

/// All routes.
pub fn router(resources: Resources) -> Router {
    Router::new()
        .route("/", get(async || Html(include_str!("page.html"))))
        .route("/topups", post(accept).get(lists::topups))
        .route("/topups/{id}", get(topup))
        .route("/cards/{card}", get(card))
        .route("/cards/{card}/movements", get(lists::movements))
        .fallback(async || {
            HttpError::NotFound("there is nothing here: try POST /topups".to_owned())
        })
        .method_not_allowed_fallback(async || HttpError::MethodNotAllowed)
        .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(resources)
}

/// 202 once every in-sync replica has the command; 503 when that is not known to have happened.
///
/// A repeated `Idempotency-Key` makes the same id, and the ledger credits an id once. Who sends
/// none is given one with the 503, since what is not known to have happened may have happened.
async fn accept(
    State(resources): State<Resources>,
    headers: HeaderMap,
    Json(request): Json<TopUpRequest>,
) -> Result<Response, HttpError> {
    let key = idempotency_key(&headers)?;
    let id = Uuid::new_v5(&KEYS, &key);
    let command = request
        .into_command(id)
        .map_err(|error| HttpError::Invalid(error.to_string()))?;
    if let Some(known) = resources.ledger.topup(id).await? {
        return accepted(&known, &command);
    }
    let unknown =
        |error| HttpError::NotAcknowledged(error, String::from_utf8_lossy(&key).into_owned());
    resources.template.send(&command).await.map_err(unknown)?;
    match resources.ledger.accept(command.clone()).await {
        Ok(known) => accepted(&known, &command),
        // It is on the topic and will be handled: telling the client to send it again would credit
        // it twice.
        Err(error) => {
            warn!(%error, id = %command.id, "an accepted top-up is not noted in the ledger yet");
            Ok(told_its_id(command.id))
        }
    }
}

async fn topup(
    State(resources): State<Resources>,
    Segment(id): Segment,
) -> Result<Json<TopUpStatus>, HttpError> {
    let known = match Uuid::try_parse(&id) {
        Ok(id) => resources.ledger.topup(id).await?,
        Err(_) => None,
    };
    known
        .map(Json)
        .ok_or_else(|| HttpError::NotFound(format!("no top-up has the id {id:?}")))
}

async fn card(
    State(resources): State<Resources>,
    Segment(card): Segment,
) -> Result<Response, HttpError> {
    match resources.ledger.card(card.clone()).await? {
        Some(cents) => Ok(Json(json!({ "card": card, "cents": cents })).into_response()),
        None => Err(HttpError::NotFound(format!(
            "card {card:?} was never topped up"
        ))),
    }
}

fn accepted(known: &TopUpStatus, command: &super::command::TopUp) -> Result<Response, HttpError> {
    if (&known.card, known.cents) != (&command.card, command.cents) {
        let message =
            "this Idempotency-Key was used for another top-up: use a new key for a new top-up";
        return Err(HttpError::Invalid(message.to_owned()));
    }
    Ok(told_its_id(known.id))
}

fn told_its_id(id: Uuid) -> Response {
    let location = [(header::LOCATION, format!("/topups/{id}"))];
    (StatusCode::ACCEPTED, location, Json(json!({ "id": id }))).into_response()
}

/// The key that the client gave, or one that nobody else has.
fn idempotency_key(headers: &HeaderMap) -> Result<Vec<u8>, HttpError> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else {
        return Ok(Uuid::now_v7().to_string().into_bytes());
    };
    if keys.next().is_some() {
        return Err(HttpError::Invalid(
            "Idempotency-Key: one is enough".to_owned(),
        ));
    }
    if key.is_empty() || key.len() > 255 {
        return Err(HttpError::Invalid(
            "Idempotency-Key: use 1 to 255 characters".to_owned(),
        ));
    }
    Ok(key.as_bytes().to_vec())
}
