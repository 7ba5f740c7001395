//! Counting twice, counting from two instances, and what is told of it.

use futures::future::try_join_all;
use uuid::Uuid;

use super::*;
use crate::behaviour::event::Kind;

fn event(page: &str, kind: Kind, received: i64) -> UserEvent {
    UserEvent {
        id: Uuid::new_v4(),
        visitor: "a".to_owned(),
        page: page.to_owned(),
        kind,
        detail: None,
        received,
    }
}

#[tokio::test]
async fn an_event_that_is_delivered_again_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counts.db");
    let click = event("/tea", Kind::Click, 0);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.count(click.clone()).await.unwrap(), Counted::Now);
    assert_eq!(store.count(click.clone()).await.unwrap(), Counted::Before);
    drop(store);
    let reopened = Store::open(&path).unwrap();
    assert_eq!(reopened.count(click).await.unwrap(), Counted::Before);
    let summary = reopened.summary(0).await.unwrap();
    assert_eq!((summary.events, summary.repeats), (1, 2));
    assert_eq!(summary.pages[0].clicks, 1);
}

#[tokio::test]
async fn two_instances_that_are_delivered_the_same_events_count_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counts.db");
    let stores = [Store::open(&path).unwrap(), Store::open(&path).unwrap()];
    let events: Vec<UserEvent> = (0..500).map(|_| event("/", Kind::View, 0)).collect();
    let both = events
        .iter()
        .flat_map(|event| stores.iter().map(|store| store.count(event.clone())));
    try_join_all(both).await.unwrap();
    let summary = stores[0].summary(0).await.unwrap();
    assert_eq!((summary.events, summary.repeats), (500, 500));
    assert_eq!(summary.minutes[0].views, 500);
}

#[tokio::test]
async fn the_last_half_hour_is_told_by_minute_and_by_page() {
    const MINUTE: i64 = 60_000;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("counts.db")).unwrap();
    for (page, kind, minute) in [
        ("/old", Kind::View, 70),
        ("/", Kind::View, 71),
        ("/tea", Kind::View, 100),
        ("/tea", Kind::Scroll, 100),
    ] {
        let event = event(page, kind, minute * MINUTE + 59_999);
        store.count(event).await.unwrap();
    }
    let summary = store.summary(100 * MINUTE).await.unwrap();
    assert_eq!((summary.events, summary.minute), (4, 100));
    let minutes: Vec<i64> = summary.minutes.iter().map(|told| told.minute).collect();
    assert_eq!(minutes, [71, 100]);
    let pages: Vec<&str> = summary.pages.iter().map(|told| &*told.page).collect();
    assert_eq!(pages, ["/tea", "/"]);
    assert_eq!((summary.pages[0].views, summary.pages[0].scrolls), (1, 1));
}

#[test]
fn a_database_of_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counts.db");
    let other = Connection::open(&path).unwrap();
    let recipes = "CREATE TABLE recipes (name TEXT)";
    other.execute_batch(recipes).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Foreign), "{error}");
    let tables = "SELECT group_concat(name) FROM sqlite_schema";
    let tables: String = other.query_row(tables, [], |row| row.get(0)).unwrap();
    assert_eq!(tables, "recipes");
}
