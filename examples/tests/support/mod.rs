//! What tests of the examples share: waiting, and a browser.

use std::time::{Duration, Instant};

pub(crate) mod browser;

/// Looks again and again until there is something to see.
#[expect(clippy::disallowed_methods, reason = "a test that waits for processes")]
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(40);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "gave up waiting for {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
