//! The two pages in a browser: what is clicked arrives, and who reads what is seen to move.

use serde_json::json;

use crate::instance::Instance;
use crate::support::browser::{Browser, Tab};

#[test]
fn a_click_arrives_on_the_dashboard() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    let dashboard = browser.open(&format!("{}/dashboard", instance.url));
    let shop = browser.open(&format!("{}/tea", instance.url));
    // The view of the page, and then the click.
    dashboard.until("document.querySelector('#events').textContent === '1'");
    shop.click("[data-watch='Green tea']");
    dashboard.until(
        "document.querySelector('#pages tr').innerText.split(/\\s+/).slice(0, 3).join() === '/tea,1,1'",
    );
    // A page that is left tells what it had not sent yet.
    shop.value("note('click', 'at the end'), location.assign('/coffee')");
    dashboard.until(
        "[...document.querySelectorAll('#pages td')].some(cell => cell.innerText === '/coffee')",
    );
    dashboard.until("document.querySelector('#events').textContent === '4'");
}

#[test]
fn the_partitions_of_a_killed_instance_are_seen_to_come_back() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let first = Instance::start(folder.path());
    let dashboard = browser.open(&format!("{}/dashboard", first.url));
    until_read_by(&dashboard, &[(&first.name(), 4)]);
    let mut second = first.second(folder.path());
    until_read_by(&dashboard, &[(&first.name(), 2), (&second.name(), 2)]);
    second.kill();
    until_read_by(&dashboard, &[(&first.name(), 4)]);
}

/// Waits until the dashboard shows that both groups have exactly these members, with so many
/// partitions each.
fn until_read_by(dashboard: &Tab<'_>, members: &[(&str, usize)]) {
    let mut wanted: Vec<String> = members
        .iter()
        .map(|(name, partitions)| format!("{name}:{partitions}"))
        .collect();
    wanted.sort();
    let wanted = json!([wanted.join(","), wanted.join(",")]);
    dashboard.until(&format!(
        "JSON.stringify([...document.querySelectorAll('[data-group]')].map(group =>
            [...group.querySelectorAll('[data-client]')].map(member => member.dataset.client + ':' +
                (member.innerText.match(/\\d+(, \\d+)*(?=, at)/)?.[0].split(', ').length ?? 0)
            ).sort().join())) === JSON.stringify({wanted})"
    ));
}

#[test]
fn both_pages_fit_a_phone_and_follow_the_colour_scheme() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    for path in ["/", "/dashboard"] {
        let page = browser.open(&format!("{}{path}", instance.url));
        for width in [390, 1280] {
            for scheme in ["light", "dark"] {
                page.show(width, scheme);
                page.until("document.readyState === 'complete'");
                let at = format!("{path} at {width} px, {scheme}");
                let overflow = "document.documentElement.scrollWidth - innerWidth";
                assert!(page.value(overflow).as_i64() <= Some(0), "{at}");
                let ground =
                    "getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] < 128";
                assert_eq!(page.value(ground), json!(scheme == "dark"), "{at}");
            }
        }
    }
}
