//! The application's states as arguments of a handler.

use std::sync::Arc;

use super::{FromRecord, RecordContext, Rejection, Requirements};

/// A clone of the state of type `S` that the application was given.
#[derive(Debug, Clone, Copy)]
pub struct State<S>(pub S);

/// The state of type `S` itself, shared: it need not be `Clone`. Listener methods get their `self`
/// from it.
#[derive(Debug, Clone)]
pub struct Shared<S>(pub Arc<S>);

impl<S: Clone + Send + Sync + 'static> FromRecord for State<S> {
    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        let missing = Rejection::NoState {
            type_name: std::any::type_name::<S>(),
        };
        cx.state().get::<S>().cloned().map(State).ok_or(missing)
    }

    fn requires(needs: &mut Requirements) {
        needs.state::<S>();
    }
}

impl<S: Send + Sync + 'static> FromRecord for Shared<S> {
    fn from_record(cx: &RecordContext) -> Result<Self, Rejection> {
        let missing = Rejection::NoState {
            type_name: std::any::type_name::<S>(),
        };
        cx.state().share::<S>().map(Shared).ok_or(missing)
    }

    fn requires(needs: &mut Requirements) {
        needs.state::<S>();
    }
}
