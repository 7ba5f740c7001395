//! The broker as a program of its own, which can be killed and measured.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longer than a broker takes to stop.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A broker's process; killed when dropped.
pub(crate) struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    /// Starts a broker on a free port and waits for its ready line.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = command(&[&["--listen", "127.0.0.1:0"], arguments].concat())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .strip_prefix("broker-lite listening on ")
            .unwrap_or_else(|| panic!("{line:?}"));
        Self {
            address: address.trim().parse().unwrap(),
            child,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Most memory it has had, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Kills it as nothing can prevent: `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        let deadline = Instant::now() + TIMEOUT;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not stop");
            std::thread::yield_now();
        }
    }

    /// Sends it a signal by its short name.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own: a bare machine has no program of that name.
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(
            Command::new("sh")
                .arg("-c")
                .arg(kill)
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs the program to its end, for arguments with which it does not start: exit status and
/// standard error.
pub(crate) fn fail(arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut complaint = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut complaint)
        .unwrap();
    let status = child.wait().unwrap();
    let mut said = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(said, "", "nothing on standard output");
    (status.code(), complaint)
}

/// What a broker writes to its log, at the level of `info`, from its start to its end.
pub(crate) fn log_of_a_life() -> String {
    let mut command = command(&["--listen", "127.0.0.1:0", "--topic", "t:1"]);
    let log = command
        .env("RUST_LOG", "info")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = log.spawn().unwrap();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut String::new())
        .unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut log = child.stderr.take().unwrap();
    let mut process = Process { child, address };
    assert!(process.terminate().success());
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    text
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_broker-lite"));
    command
        .args(arguments)
        .env("RUST_LOG", "error")
        .stdin(Stdio::null());
    command
}
