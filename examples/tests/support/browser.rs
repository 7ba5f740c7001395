//! A headless Chromium, driven over the DevTools protocol.
//!
//! Commands and answers are JSON, each ended by a zero byte, over two pipes
//! (`--remote-debugging-pipe`): no port, no WebSocket, and a browser that ends with the test.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::until;

/// Longest wait for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A running browser.
pub(crate) struct Browser {
    process: Child,
    commands: RefCell<ChildStdin>,
    answers: Receiver<Value>,
    last_id: Cell<u64>,
    _profile: tempfile::TempDir,
}

/// A page in the browser.
pub(crate) struct Tab<'browser> {
    browser: &'browser Browser,
    session: String,
}

impl Browser {
    /// Starts Chromium. Without one on this machine it says that the test is skipped and returns
    /// `None`, or panics if `REQUIRE_CHROMIUM` is set.
    pub(crate) fn start() -> Option<Self> {
        let profile = tempfile::tempdir().unwrap();
        let started = Command::new("sh")
            // Chromium reads commands from descriptor 3 and answers on 4.
            .args([
                "-c",
                "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null",
                "chromium",
            ])
            .args(["--headless", "--remote-debugging-pipe", "--no-sandbox"])
            .args(["--no-first-run", "--disable-gpu", "--disable-dev-shm-usage"])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = started.unwrap();
        let commands = RefCell::new(process.stdin.take().unwrap());
        let answers = read(BufReader::new(process.stdout.take().unwrap()));
        let browser = Self {
            process,
            commands,
            answers,
            last_id: Cell::new(0),
            _profile: profile,
        };
        if browser
            .ask(None, "Browser.getVersion", &json!({}))
            .is_some()
        {
            return Some(browser);
        }
        assert!(
            std::env::var_os("REQUIRE_CHROMIUM").is_none(),
            "Chromium does not start: apt-get install chromium"
        );
        // Not by a macro: those are silent in a test that passes.
        let told = b"skipped: no Chromium on this machine (apt-get install chromium)\n";
        io::stderr().write_all(told).unwrap();
        None
    }

    /// Opens a page.
    pub(crate) fn open(&self, url: &str) -> Tab<'_> {
        let target = self.call(None, "Target.createTarget", &json!({ "url": url }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.call(None, "Target.attachToTarget", &attach);
        Tab {
            browser: self,
            session: attached["sessionId"].as_str().unwrap().to_owned(),
        }
    }

    fn call(&self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        let answer = self.ask(session, method, parameters);
        let answer = answer.unwrap_or_else(|| panic!("Chromium did not answer {method}"));
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }

    /// Sends a command and waits for its answer; `None` when Chromium has ended.
    fn ask(&self, session: Option<&str>, method: &str, parameters: &Value) -> Option<Value> {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = json!(session);
        }
        let mut commands = self.commands.borrow_mut();
        commands.write_all(format!("{command}\0").as_bytes()).ok()?;
        loop {
            // What has no id is an event, which nobody asked for.
            let answer = self.answers.recv_timeout(ANSWER_TIMEOUT).ok()?;
            if answer["id"] == id {
                return Some(answer);
            }
        }
    }
}

impl Tab<'_> {
    /// The value of a JavaScript expression in the page.
    pub(crate) fn value(&self, expression: &str) -> Value {
        let ask = json!({ "expression": expression, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", &ask);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// Waits until a JavaScript expression is true. The page may be loading still.
    pub(crate) fn until(&self, expression: &str) {
        let guarded =
            format!("(() => {{ try {{ return {expression} }} catch {{ return false }} }})()");
        until(expression, || (self.value(&guarded) == true).then_some(()));
    }

    /// Clicks on the first element that a selector finds, as a mouse does.
    pub(crate) fn click(&self, selector: &str) {
        let selector = json!(selector);
        self.until(&format!("document.querySelector({selector}) !== null"));
        let middle = self.value(&format!(
            "(() => {{ const found = document.querySelector({selector});
                found.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                const box = found.getBoundingClientRect();
                return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }} }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": middle["x"], "y": middle["y"], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Shows the page as wide as this, in this colour scheme (`light` or `dark`).
    pub(crate) fn show(&self, width: u32, scheme: &str) {
        let size = json!({
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500,
        });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", &media);
    }

    fn call(&self, method: &str, parameters: &Value) -> Value {
        self.browser.call(Some(&self.session), method, parameters)
    }
}

/// Reads on a thread of its own, so that waiting can have an end.
fn read(mut pipe: impl BufRead + Send + 'static) -> Receiver<Value> {
    let (sender, answers) = mpsc::channel();
    thread::spawn(move || {
        let mut message = Vec::new();
        while pipe
            .read_until(0, &mut message)
            .is_ok_and(|length| length > 0)
        {
            message.pop();
            let parsed = serde_json::from_slice(&message).unwrap();
            if sender.send(parsed).is_err() {
                return;
            }
            message.clear();
        }
    });
    answers
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
