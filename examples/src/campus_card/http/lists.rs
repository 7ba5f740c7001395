//! Lists that are read page by page, newest first.

use axum::extract::{FromRequestParts, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::HttpError;
use super::json::Json;
use super::resources::Resources;
use super::segment::Segment;
use crate::campus_card::ledger::Page;

/// Entries of a page unless the client asks for fewer or more.
const DEFAULT_LIMIT: u8 = 20;

/// Most entries of a page.
const MAX_LIMIT: u8 = 200;

/// `?limit=20&before=41`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    limit: Option<u64>,
    before: Option<u64>,
}

/// The page that a request asks for, with an error that is JSON too.
#[derive(Debug)]
pub(super) struct Paging(Page);

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let refused = |reason: String| HttpError::Unreadable(StatusCode::BAD_REQUEST, reason);
        let Query(Asked { limit, before }) = Query::from_request_parts(parts, state)
            .await
            .map_err(|error| {
                refused(format!(
                    "use ?limit=1 to {MAX_LIMIT} and &before=the number of an entry: {}",
                    error.body_text()
                ))
            })?;
        let limit = u8::try_from(limit.unwrap_or(DEFAULT_LIMIT.into()))
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| refused(format!("limit: use 1 to {MAX_LIMIT}")))?;
        Ok(Self(Page { limit, before }))
    }
}

/// The last top-ups of all cards.
pub(super) async fn topups(
    State(resources): State<Resources>,
    Paging(page): Paging,
) -> Result<Json<Value>, HttpError> {
    let topups = resources.ledger.topups(page).await?;
    let last = topups.last().map(|last| last.number);
    let next = next("/topups", page, topups.len(), last);
    Ok(Json(json!({ "topups": topups, "next": next })))
}

/// The last movements of a card.
pub(super) async fn movements(
    State(resources): State<Resources>,
    Segment(card): Segment,
    Paging(page): Paging,
) -> Result<Json<Value>, HttpError> {
    if resources.ledger.card(card.clone()).await?.is_none() {
        return Err(HttpError::NotFound(format!(
            "card {card:?} was never topped up"
        )));
    }
    let movements = resources.ledger.movements(card.clone(), page).await?;
    let last = movements.last().map(|last| last.number);
    let next = next(
        &format!("/cards/{card}/movements"),
        page,
        movements.len(),
        last,
    );
    Ok(Json(
        json!({ "card": card, "movements": movements, "next": next }),
    ))
}

/// The path of the page behind a full one; `None` behind one that is not.
fn next(path: &str, page: Page, entries: usize, last: Option<u64>) -> Option<String> {
    let last = last.filter(|_| entries == usize::from(page.limit))?;
    Some(format!("{path}?limit={}&before={last}", page.limit))
}
