//! Fails a test, at the line of the test that called the kit, with what was seen.

use std::panic::Location;

/// Ends the test.
#[expect(
    clippy::panic,
    reason = "a kit for tests fails a test as `assert!` does"
)]
pub(super) fn fail(at: &Location<'_>, what: impl std::fmt::Display) -> ! {
    panic!("{what}\n  asked for at {at}")
}
