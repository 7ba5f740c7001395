//! The stream of the dashboard: what it tells, and that it ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::instance::{Instance, batch, until_holds};

/// A browser that looks at the dashboard; it leaves when this is dropped.
struct Watcher {
    lines: std::io::Lines<BufReader<TcpStream>>,
}

impl Watcher {
    fn of(instance: &Instance) -> Self {
        let mut socket = TcpStream::connect(instance.address()).unwrap();
        let request = "GET /dashboard/stream HTTP/1.1\r\nhost: dashboard\r\n\r\n";
        socket.write_all(request.as_bytes()).unwrap();
        let lines = BufReader::new(socket).lines();
        Self { lines }
    }

    /// The next news of this name.
    fn next(&mut self, name: &str) -> Value {
        let wanted = format!("event: {name}");
        assert!(self.lines.any(|line| line.unwrap() == wanted), "no {name}");
        let data = self.lines.next().unwrap().unwrap();
        serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap()
    }
}

#[test]
fn what_is_posted_is_told_to_all_who_look() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    let mut watchers = [Watcher::of(&instance), Watcher::of(&instance)];
    assert_eq!(watchers[0].next("counts")["events"], 0);
    instance.accept(&batch("a", 5));
    for watcher in &mut watchers {
        while watcher.next("counts")["events"] != 5 {}
    }
}

#[test]
fn a_browser_that_leaves_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    let mut watchers: Vec<Watcher> = (0..20).map(|_| Watcher::of(&instance)).collect();
    for watcher in &mut watchers {
        while watcher.next("counts")["dashboards"] != 20 {}
    }
    drop(watchers);
    until_holds("the streams to end", || {
        instance.counts()["dashboards"] == json!(0)
    });
}

#[test]
fn an_open_dashboard_does_not_hold_up_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path());
    let mut watcher = Watcher::of(&instance);
    watcher.next("counts");
    assert!(instance.stop().success());
    // The stream ended as a stream does, and was not cut off.
    let last = watcher
        .lines
        .map(Result::unwrap)
        .filter(|line| !line.is_empty())
        .last();
    assert_eq!(last.as_deref(), Some("0"));
}
