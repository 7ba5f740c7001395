//! A running instance, and what is asked of it.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::until;

/// A process of the program; killed with this value.
pub(crate) struct Instance {
    process: Child,
    /// Where its HTTP is, as `http://HOST:PORT`.
    pub(crate) url: String,
    /// The Kafka that it uses.
    pub(crate) kafka: String,
}

impl Instance {
    /// Starts an instance on a broker of its own, which keeps everything in this folder.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::run(program(folder))
    }

    /// Starts an instance beside this one.
    pub(crate) fn second(&self, folder: &Path) -> Self {
        let mut command = program(folder);
        command.args(["--join", &self.kafka]);
        Self::run(command)
    }

    /// Starts the program, and waits until it says where it is.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut kafka = String::new();
        for line in lines {
            let line = line.unwrap();
            if let Some((_, joined)) = line.split_once("--join ") {
                kafka = joined.split(' ').next().unwrap().to_owned();
            }
            if let Some(url) = line.strip_prefix("behaviour listening on ") {
                let url = url.split(' ').next().unwrap().to_owned();
                return Self {
                    process,
                    url,
                    kafka,
                };
            }
        }
        panic!("it ended with {}", process.wait().unwrap());
    }

    /// What its consumers are called in a group.
    pub(crate) fn name(&self) -> String {
        format!("behaviour-{}", self.address().port())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// What a page does.
    pub(crate) fn page(&self) -> Page {
        let agent = ureq::Agent::config_builder().http_status_as_error(false);
        Page {
            agent: agent.build().into(),
            url: self.url.clone(),
        }
    }

    /// Posts a batch that must be accepted.
    pub(crate) fn accept(&self, batch: &Value) {
        let (status, body) = self.page().post(&batch.to_string()).unwrap();
        assert_eq!(status, 202, "{body}");
    }

    /// What it has counted.
    pub(crate) fn counts(&self) -> Value {
        self.page().get("/counts").unwrap().1
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn stop(mut self) -> ExitStatus {
        let kill = format!("kill -TERM {}", self.process.id());
        let told = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(told.success());
        until("the program to end", || self.process.try_wait().unwrap())
    }
}

/// A client of an instance, which may outlive it.
pub(crate) struct Page {
    agent: ureq::Agent,
    url: String,
}

impl Page {
    /// Posts a batch; the status and the body of the answer, or `None` when there is none.
    pub(crate) fn post(&self, body: &str) -> Option<(u16, Value)> {
        let answer = self.agent.post(format!("{}/events", self.url)).send(body);
        read(answer)
    }

    /// Gets a path in the same way.
    pub(crate) fn get(&self, path: &str) -> Option<(u16, Value)> {
        read(self.agent.get(format!("{}{path}", self.url)).call())
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Option<(u16, Value)> {
    let mut answer = answer.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.body_mut().read_json().ok()?))
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The program on a free port, with its data in this folder.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = bare_program("127.0.0.1:0");
    command.arg("--data-dir").arg(folder);
    command
}

/// The program at this address, and no other Kafka than it is given.
pub(crate) fn bare_program(listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_behaviour"));
    command
        .args(["--listen", listen])
        .env_remove("WELLSPRING_BOOTSTRAP_SERVERS");
    command
}

/// Events of one visitor, on pages in turn, with ids that nobody else has.
pub(crate) fn batch(visitor: &str, events: usize) -> Value {
    let pages = ["/", "/tea", "/coffee"];
    let kinds = ["view", "click", "scroll"];
    let event = |index: usize| {
        let (page, kind) = (pages[index % 3], kinds[index / 3 % 3]);
        json!({ "id": Uuid::new_v4(), "page": page, "kind": kind })
    };
    let events: Vec<Value> = (0..events).map(event).collect();
    json!({ "visitor": visitor, "events": events })
}

/// The ids in a batch.
pub(crate) fn ids(batch: &Value) -> BTreeSet<String> {
    let events = batch["events"].as_array().unwrap();
    let ids = events.iter().map(|event| event["id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

/// The ids in the archive.
pub(crate) fn archived(folder: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(folder.join("archive.jsonl")).unwrap();
    // The last line may be half written while we look.
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    lines
        .map(|line: Value| line["event"]["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until a condition holds.
pub(crate) fn until_holds(what: &str, mut holds: impl FnMut() -> bool) {
    until(what, || holds().then_some(()));
}
