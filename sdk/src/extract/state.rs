//! What the application shares with its handlers.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::{FromRecord, RecordContext, Rejection, Requirements};

/// A clone of the state of type `S` that the application was given.
#[derive(Debug, Clone, Copy)]
pub struct State<S>(pub S);

/// The state of type `S` itself, shared: it need not be `Clone`. Listener methods get their `self`
/// from it.
#[derive(Debug, Clone)]
pub struct Shared<S>(pub Arc<S>);

/// The states of an application: one value per type. Cloning shares them.
#[derive(Clone, Default)]
pub struct StateMap(Arc<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl StateMap {
    /// No state.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `value`; answers `false`, and keeps the old one, when there is one of this type
    /// already.
    pub fn insert<S: Send + Sync + 'static>(&mut self, value: S) -> bool {
        let map = Arc::make_mut(&mut self.0);
        let free = !map.contains_key(&TypeId::of::<S>());
        if free {
            map.insert(TypeId::of::<S>(), Arc::new(value));
        }
        free
    }

    /// The state of type `S`.
    #[must_use]
    pub fn get<S: 'static>(&self) -> Option<&S> {
        self.0
            .get(&TypeId::of::<S>())
            .and_then(|state| state.downcast_ref())
    }

    /// The state of type `S`, shared.
    #[must_use]
    pub fn share<S: Send + Sync + 'static>(&self) -> Option<Arc<S>> {
        self.0
            .get(&TypeId::of::<S>())
            .and_then(|state| Arc::clone(state).downcast().ok())
    }

    /// Whether there is a state of this type.
    #[must_use]
    pub fn contains(&self, type_id: TypeId) -> bool {
        self.0.contains_key(&type_id)
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateMap({} types)", self.0.len())
    }
}

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
