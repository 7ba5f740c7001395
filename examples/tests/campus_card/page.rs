//! The page in a browser.

use serde_json::json;

use crate::service::with_service;
use crate::support::browser::Browser;

#[test]
fn a_top_up_is_on_the_page_after_a_reload_and_in_a_second_tab() {
    let Some(browser) = Browser::start() else {
        return;
    };
    with_service(move |http| {
        let page = browser.open(&format!("http://{http}/"));
        page.click("button");
        let is_shown = "document.querySelector('#topups .credited') !== null
            && document.querySelector('#balance').textContent === '5.00'
            && document.querySelectorAll('#movements tr').length === 1";
        page.until(is_shown);
        page.value("location.reload()");
        page.until(is_shown);

        let second = browser.open(&format!("http://{http}/"));
        second.until(is_shown);
        second.click("button");
        second.until("document.querySelectorAll('#topups .credited').length === 2");
        // What the form itself would refuse, the service says in words.
        second.value("document.querySelector('#cents').value = '1000001'");
        second.value("document.querySelector('form').noValidate = true");
        second.click("button");
        second.until("document.querySelector('#error').textContent.startsWith('cents: ')");
    });
}

#[test]
fn the_page_says_in_words_when_the_service_does_not_answer_and_when_it_does_again() {
    let Some(browser) = Browser::start() else {
        return;
    };
    with_service(move |http| {
        let page = browser.open(&format!("http://{http}/"));
        page.until("document.querySelector('#name').textContent === '2026001'");
        page.value(
            "window.online = fetch, window.fetch = async () => { throw new Error('no network') }",
        );
        page.until("document.querySelector('#trouble').textContent.includes('no network')");
        page.click("button");
        page.until("document.querySelector('#error').textContent.includes('not be done twice')");
        page.value("window.fetch = online");
        page.until("document.querySelector('#trouble').textContent === ''");
        page.click("button");
        page.until("document.querySelector('#balance').textContent === '5.00'");
    });
}

#[test]
fn the_page_fits_a_phone_and_follows_the_colour_scheme() {
    let Some(browser) = Browser::start() else {
        return;
    };
    with_service(move |http| {
        let page = browser.open(&format!("http://{http}/"));
        page.click("button");
        page.until("document.querySelector('#topups .credited') !== null");
        for width in [390, 1280] {
            for scheme in ["light", "dark"] {
                page.show(width, scheme);
                let at = format!("{width} px, {scheme}");
                let overflow = "document.documentElement.scrollWidth - innerWidth";
                assert!(page.value(overflow).as_i64() <= Some(0), "{at}");
                let ground =
                    "getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] < 128";
                assert_eq!(page.value(ground), json!(scheme == "dark"), "{at}");
            }
        }
    });
}
