//! The dashboard: a page, and the stream of news that it draws.
//!
//! A `Feed` asks for its value while somebody looks, once for all who look. A browser that leaves
//! drops its end of the feed; when nobody is left, nothing is asked.

mod feed;
mod source;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::StreamExt as _;
use futures::stream::select;
use serde::Serialize;
use serde_json::json;
use wellspring::runtime::{Shutdown, Tasks};

use self::feed::Feed;
pub use self::source::Source;
use super::store::StoreError;

/// How often each value is asked for while somebody looks.
const INTERVAL: Duration = Duration::from_millis(500);

/// What the dashboard's routes share.
#[derive(Debug, Clone)]
pub struct Dashboard {
    source: Source,
    counts: Arc<Feed>,
    groups: Arc<Feed>,
    ends: Shutdown,
}

impl Dashboard {
    /// Starts what asks; it ends with the tasks.
    #[must_use]
    pub fn start(tasks: &Tasks, source: Source) -> Self {
        let (counts, groups) = (Arc::new(Feed::new("counts")), Arc::new(Feed::new("groups")));
        let (asked, clock) = (source.clone(), source.clock.clone());
        let ask = async move |watchers| asked.counts(watchers).await.ok();
        let feed = counts.clone().run(ask, INTERVAL, clock, tasks.shutdown());
        tasks.spawn("counts", feed);
        let (asked, clock) = (source.clone(), source.clock.clone());
        let ask = async move |_watchers| asked.groups().await.ok();
        let feed = groups.clone().run(ask, INTERVAL, clock, tasks.shutdown());
        tasks.spawn("groups", feed);
        Self {
            source,
            counts,
            groups,
            ends: tasks.shutdown(),
        }
    }
}

/// The dashboard's routes.
pub fn routes(dashboard: Dashboard) -> Router {
    Router::new()
        .route("/dashboard", get(async || Html(include_str!("page.html"))))
        .route("/dashboard/stream", get(stream))
        .route("/counts", get(counts))
        .route("/groups", get(groups))
        .with_state(dashboard)
}

/// The news, as server-sent events, until the browser leaves or the program ends.
async fn stream(State(dashboard): State<Dashboard>) -> Response {
    let ends = dashboard.ends.clone();
    let news = select(dashboard.counts.events(), dashboard.groups.events());
    let news = news.take_until(async move { ends.triggered().await });
    let uncached = [(header::CACHE_CONTROL, "no-store")];
    (uncached, Sse::new(news).keep_alive(KeepAlive::default())).into_response()
}

/// The counts once, for programs.
async fn counts(State(dashboard): State<Dashboard>) -> Response {
    let watchers = dashboard.counts.watchers();
    answer(dashboard.source.counts(watchers).await)
}

/// Who reads what, once, for programs.
async fn groups(State(dashboard): State<Dashboard>) -> Response {
    answer(dashboard.source.groups().await)
}

fn answer<T: Serialize>(told: Result<T, StoreError>) -> Response {
    match told {
        Ok(told) => Json(told).into_response(),
        Err(_) => {
            let body = Json(json!({ "error": "the database does not answer now: try again" }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}
