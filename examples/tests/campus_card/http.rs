//! A top-up goes in over HTTP, and the balance, the movement and the list come out.

use serde_json::json;

use crate::service::{get, top_up, with_service};
use crate::support::until;

#[test]
fn a_top_up_is_accepted_and_then_credited() {
    with_service(|http| {
        let location = top_up(http, &json!({ "card": "2026001", "cents": 500 }));
        until("the credit", || {
            (get(http, &location)["state"] == "credited").then_some(())
        });
        let held = json!({ "card": "2026001", "cents": 500 });
        assert_eq!(get(http, "/cards/2026001"), held);

        let moved = get(http, "/cards/2026001/movements");
        assert_eq!(moved["movements"].as_array().unwrap().len(), 1);
        assert_eq!(moved["movements"][0]["balance"], 500);
        assert!(moved["next"].is_null());
    });
}

#[test]
fn a_list_is_read_to_its_end_page_by_page() {
    with_service(|http| {
        for cents in 1..=5 {
            top_up(http, &json!({ "card": "2026001", "cents": cents }));
        }
        let mut seen = Vec::new();
        let mut next = json!("/topups?limit=2");
        while let Some(path) = next.as_str() {
            let page = get(http, path);
            seen.extend(page["topups"].as_array().unwrap().clone());
            next = page["next"].clone();
        }
        let cents: Vec<_> = seen
            .iter()
            .map(|it| it["cents"].as_u64().unwrap())
            .collect();
        assert_eq!(cents, [5, 4, 3, 2, 1]);
    });
}
