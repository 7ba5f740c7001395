//! Panics in the user's code: what they say, and values whose destructors may panic.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Returns the message that a panic was raised with.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}

/// Drops what a handler left behind. Its destructors are the user's code, and may panic as well.
pub(super) fn discard<T>(left_behind: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(left_behind))) {
        tracing::error!(
            panic = panic_message(&*panic),
            "a handler's future panicked while it was dropped"
        );
    }
}
