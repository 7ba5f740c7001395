//! The dashboard: a page, and the stream of news that it draws.
//!
//! A [`Feed`] asks for its value while somebody looks, once for all who look. A browser that leaves
//! drops its end of the feed; when nobody is left, nothing is asked.

mod feed;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::StreamExt as _;
use serde::Serialize;
use serde_json::json;
use tracing::warn;
use wellspring::runtime::{Clock, Shutdown, Tasks};
use wellspring::types::Timestamp;

use self::feed::Feed;
use super::store::{Store, StoreError, Summary};

/// How often the counts are read while somebody looks.
const COUNTS_INTERVAL: Duration = Duration::from_millis(500);

/// What the dashboard's routes share.
#[derive(Debug, Clone)]
pub struct Dashboard {
    source: Source,
    counts: Arc<Feed>,
    ends: Shutdown,
}

/// Where the values come from.
#[derive(Debug, Clone)]
struct Source {
    instance: Arc<str>,
    store: Store,
    clock: Clock,
}

/// The counts, with who tells them.
#[derive(Debug, Serialize)]
struct Counts {
    /// This instance, as its consumers are called.
    instance: String,
    /// How many dashboards are open here.
    dashboards: usize,
    #[serde(flatten)]
    summary: Summary,
}

impl Dashboard {
    /// Starts what asks; it ends with the tasks.
    #[must_use]
    pub fn start(tasks: &Tasks, clock: &Clock, instance: &str, store: Store) -> Self {
        let source = Source {
            instance: instance.into(),
            store,
            clock: clock.clone(),
        };
        let counts = Arc::new(Feed::new("counts"));
        let (asking, feed) = (source.clone(), counts.clone());
        let ask = async move |watchers| asking.counts(watchers).await.ok();
        let running = feed.run(ask, COUNTS_INTERVAL, clock.clone(), tasks.shutdown());
        tasks.spawn("counts", running);
        Self {
            source,
            counts,
            ends: tasks.shutdown(),
        }
    }
}

impl Source {
    async fn counts(&self, dashboards: usize) -> Result<Counts, StoreError> {
        let now = Timestamp::from(self.clock.wall()).0;
        let told = self.store.summary(now).await;
        let summary = told.inspect_err(|error| warn!(%error, "the counts cannot be read"))?;
        Ok(Counts {
            instance: self.instance.to_string(),
            dashboards,
            summary,
        })
    }
}

/// The dashboard's routes.
pub fn routes(dashboard: Dashboard) -> Router {
    Router::new()
        .route("/dashboard", get(async || Html(include_str!("page.html"))))
        .route("/dashboard/stream", get(stream))
        .route("/counts", get(counts))
        .with_state(dashboard)
}

/// The news, as server-sent events, until the browser leaves or the program ends.
async fn stream(State(dashboard): State<Dashboard>) -> Response {
    let ends = dashboard.ends.clone();
    let news = dashboard.counts.events();
    let news = news.take_until(async move { ends.triggered().await });
    let uncached = [(header::CACHE_CONTROL, "no-store")];
    (uncached, Sse::new(news).keep_alive(KeepAlive::default())).into_response()
}

/// The counts once, for programs.
async fn counts(State(dashboard): State<Dashboard>) -> Response {
    let watchers = dashboard.counts.watchers();
    match dashboard.source.counts(watchers).await {
        Ok(counts) => Json(counts).into_response(),
        Err(_) => {
            let message = "the counts cannot be read now: try again";
            let body = Json(json!({ "error": message }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}
