//! The values that an application shares with its handlers, by their types.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// The states of an application: one value per type. Cloning shares them.
#[derive(Clone, Default)]
pub struct StateMap(Arc<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl StateMap {
    /// Returns an empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `value`. Returns `false`, and keeps the old one, if there is one of this type already.
    pub fn insert<S: Send + Sync + 'static>(&mut self, value: S) -> bool {
        let map = Arc::make_mut(&mut self.0);
        let free = !map.contains_key(&TypeId::of::<S>());
        if free {
            map.insert(TypeId::of::<S>(), Arc::new(value));
        }
        free
    }

    /// Returns the state of type `S`.
    #[must_use]
    pub fn get<S: 'static>(&self) -> Option<&S> {
        self.0
            .get(&TypeId::of::<S>())
            .and_then(|state| state.downcast_ref())
    }

    /// Returns the state of type `S`, shared.
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
