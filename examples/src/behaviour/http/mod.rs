//! The routes: the pages that are watched, the endpoint that they post to, and the dashboard.

mod error;
mod events;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Html;
use axum::routing::{get, post};

use self::error::HttpError;
use super::collect::Collector;
use super::dashboard::{self, Dashboard};

/// Largest body that is read, in bytes: what `navigator.sendBeacon` may send.
const MAX_BODY: usize = 64 * 1024;

/// All routes.
pub fn router(collector: Collector, dashboard: Dashboard) -> Router {
    let mut router = Router::new().route("/events", post(events::accept));
    for page in ["/", "/tea", "/coffee", "/mugs"] {
        router = router.route(page, get(async || Html(include_str!("shop.html"))));
    }
    router
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(collector)
        .merge(dashboard::routes(dashboard))
        .fallback(async || HttpError::NotFound)
        .method_not_allowed_fallback(async || HttpError::MethodNotAllowed)
}
