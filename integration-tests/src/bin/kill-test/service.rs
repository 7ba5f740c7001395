//! The campus card as a process: started, killed, started again on the same folder.

use std::io::{BufRead as _, BufReader, Error};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::Outcome;
use crate::patience::until;

/// Longest wait for a start, an address or an end.
const TIMEOUT: Duration = Duration::from_secs(60);

/// One service that comes and goes.
#[derive(Debug)]
pub(crate) struct Service {
    program: PathBuf,
    folder: PathBuf,
    /// Guards the process that runs now.
    child: Mutex<Option<Child>>,
    /// Guards the address it listens on; `None` while it is down.
    address: Mutex<Option<String>>,
    up: Condvar,
}

impl Service {
    pub(crate) const fn new(program: PathBuf, folder: PathBuf) -> Self {
        Self {
            program,
            folder,
            child: Mutex::new(None),
            address: Mutex::new(None),
            up: Condvar::new(),
        }
    }

    /// Starts it, and waits until it says where it listens.
    pub(crate) fn start(&self, extra: &[&str]) -> Outcome {
        let mut child = Command::new(&self.program)
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(&self.folder)
            .args(extra)
            .env(
                "RUST_LOG",
                std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned()),
            )
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child
            .stdout
            .take()
            .ok_or("the service has no standard output")?;
        *lock(&self.child) = Some(child);
        let address = ready_line(output)?;
        *lock(&self.address) = Some(address);
        self.up.notify_all();
        Ok(())
    }

    /// Returns the address it listens on; waits while it is down.
    pub(crate) fn address(&self) -> Outcome<String> {
        let address = lock(&self.address);
        let (address, _) = self
            .up
            .wait_timeout_while(address, TIMEOUT, |address| address.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        address
            .clone()
            .ok_or_else(|| "the service did not come back within a minute".into())
    }

    /// `kill -9`.
    pub(crate) fn kill(&self) -> Outcome {
        *lock(&self.address) = None;
        let mut child = lock(&self.child).take().ok_or("the service does not run")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Waits until it has ended by itself.
    pub(crate) fn wait_for_death(&self) -> Outcome {
        let child = lock(&self.child).take().ok_or("the service does not run")?;
        let status = wait(child)?;
        *lock(&self.address) = None;
        if status.success() {
            Err("the service ended well where it should have aborted".into())
        } else {
            Ok(())
        }
    }

    /// SIGTERM, and a clean end.
    pub(crate) fn stop(&self) -> Outcome {
        *lock(&self.address) = None;
        let child = lock(&self.child).take().ok_or("the service does not run")?;
        let pid = i32::try_from(child.id())
            .ok()
            .and_then(Pid::from_raw)
            .ok_or("the service has no pid")?;
        kill_process(pid, Signal::TERM).map_err(Error::from)?;
        let status = wait(child)?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("SIGTERM ended the service with {status}").into())
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(child) = lock(&self.child).as_mut() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Reads the address from the ready line, and goes on reading so that the pipe never fills.
fn ready_line(output: ChildStdout) -> Outcome<String> {
    let mut lines = BufReader::new(output).lines();
    loop {
        let line = lines
            .next()
            .ok_or("the service ended before it was ready")??;
        println!("  {line}");
        if let Some(address) = line.strip_prefix("campus-card listening on ") {
            thread::spawn(move || lines.for_each(drop));
            return Ok(address.to_owned());
        }
    }
}

fn wait(mut child: Child) -> Outcome<ExitStatus> {
    let status = until(
        TIMEOUT,
        || Ok(child.try_wait()?),
        || format!("the service did not end within {TIMEOUT:?}"),
    );
    if status.is_err() {
        child.kill()?;
    }
    status
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
