//! What a handler needs before its first record.

use std::any::TypeId;

/// All that the arguments of a handler need.
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
        /// Its name, for the error.
        type_name: &'static str,
    },
}

impl Requirements {
    /// Asks for a state of type `S`.
    pub fn state<S: 'static>(&mut self) {
        self.0.push(Requirement::State {
            type_id: TypeId::of::<S>(),
            type_name: std::any::type_name::<S>(),
        });
    }

    /// What is asked for, in the order of the arguments.
    pub fn iter(&self) -> impl Iterator<Item = &Requirement> {
        self.0.iter()
    }
}
