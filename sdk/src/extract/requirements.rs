//! The requirements of a handler before its first record, so that a start fails rather than a
//! record.

use std::any::TypeId;

/// The requirements of a handler's arguments.
#[derive(Debug, Default)]
pub struct Requirements(Vec<Requirement>);

/// One thing that must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// A state of this type, given with `App::state`.
    State {
        /// The type.
        type_id: TypeId,
        /// The type's name, for the error.
        type_name: &'static str,
    },
}

impl Requirements {
    /// Adds a state of type `S`.
    pub fn state<S: 'static>(&mut self) {
        self.0.push(Requirement::State {
            type_id: TypeId::of::<S>(),
            type_name: std::any::type_name::<S>(),
        });
    }

    /// Adds what another handler needs, for one that wraps it.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Returns what is needed, in the order of the arguments.
    pub fn iter(&self) -> impl Iterator<Item = &Requirement> {
        self.0.iter()
    }
}
