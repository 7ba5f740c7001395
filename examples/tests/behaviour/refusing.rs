//! What bad input gets: an answer that says what is wrong and what to do.

use serde_json::json;

use crate::instance::{Instance, bare_program, batch, program};

#[test]
fn a_body_that_is_no_batch_gets_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    let event =
        json!({ "id": "0190a8c0-0000-4000-8000-000000000000", "page": "/", "kind": "view" });
    let with = |key: &str, value: &str| {
        let mut event = event.clone();
        event[key] = json!(value);
        json!({ "visitor": "a", "events": [event] }).to_string()
    };
    let page = instance.page();
    for (body, status, words) in [
        ("{\"visitor\":".to_owned(), 400, "EOF while parsing"),
        ("visitor=a".to_owned(), 400, "expected value"),
        ("{}".to_owned(), 422, "missing field `visitor`"),
        (
            json!({ "visitor": "a", "events": [], "more": 1 }).to_string(),
            422,
            "unknown field `more`",
        ),
        (
            json!({ "visitor": "a", "events": [] }).to_string(),
            422,
            "send 1 to 500 at a time, not 0",
        ),
        (
            json!({ "visitor": "a b", "events": [event] }).to_string(),
            422,
            "letters, digits and hyphens",
        ),
        (with("page", "tea"), 422, "events[0].page: use a path"),
        (with("detail", "two\nlines"), 422, "events[0].detail:"),
        (with("kind", "hover"), 422, "unknown variant `hover`"),
        (with("id", "7"), 422, "UUID"),
        (" ".repeat(64 * 1024 + 1), 413, "length limit exceeded"),
    ] {
        let (answered, told) = page.post(&body).unwrap();
        let told = told["error"].as_str().unwrap();
        assert!(
            answered == status && told.contains(words),
            "{body:.80}: {answered} {told}"
        );
    }
    // None of it was taken, and the next visitor is served.
    instance.accept(&batch("a", 1));
}

#[test]
fn other_paths_and_methods_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    for (path, status) in [("/nowhere", 404), ("/events", 405)] {
        let (answered, body) = instance.page().get(path).unwrap();
        assert!(
            answered == status && body["error"].is_string(),
            "{answered} {body}"
        );
    }
}

#[test]
fn a_start_that_cannot_work_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    let taken = instance.address().to_string();
    let other = folder.path().join("other");

    let port_in_use = bare_program(&taken);
    let mut no_folder = bare_program("127.0.0.1:0");
    no_folder.env("WELLSPRING_BOOTSTRAP_SERVERS", &instance.kafka);
    let mut foreign = program(&other);
    foreign.args(["--join", &instance.kafka]);
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("counts.db"), "no database").unwrap();
    let in_the_way = program(&other.join("counts.db"));

    for (mut command, words) in [
        (port_in_use, format!("cannot listen on {taken}")),
        (no_folder, "give --data-dir".to_owned()),
        (
            foreign,
            format!("cannot use {}", other.join("counts.db").display()),
        ),
        (in_the_way, "counts.db".to_owned()),
    ] {
        let ended = command.output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(
            !ended.status.success() && told.contains(&words),
            "{words}: {told}"
        );
    }
}

#[test]
fn events_that_no_broker_confirms_are_answered_503_and_can_be_posted_again() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let broker = broker_lite::Broker::builder().start();
    let broker = runtime.block_on(broker).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut joined = program(folder.path());
    joined.args(["--join", broker.bootstrap()]);
    let instance = Instance::run(joined);
    instance.accept(&batch("a", 1));
    runtime.block_on(broker.stop());

    let (status, told) = instance.page().post(&batch("a", 1).to_string()).unwrap();
    let told = told["error"].as_str().unwrap();
    assert!(
        status == 503 && told.contains("send the same batch again"),
        "{status} {told}"
    );
}
