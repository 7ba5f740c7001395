//! Endpoints that are written down at compile time, and found again at start.
//!
//! `#[kafka_listener]` leaves one [`Registration`] per annotated function; the linker collects them
//! (through `inventory`), so a crate that nobody references is not linked and registers nothing.
//! An application finds one function by its type, or takes them all.

use std::any::TypeId;
use std::fmt;

use super::Endpoint;

/// One annotated function: what it is called, where it stands, and the endpoint it describes.
///
/// ```
/// use std::any::TypeId;
/// use wellspring::endpoint::{Endpoint, Registration, SourceLocation, registered};
/// use wellspring::extract::RecordContext;
///
/// async fn print(cx: RecordContext) {
///     println!("{}", cx.record().offset());
/// }
///
/// // What `#[kafka_listener(topic = "card.topups", group = "campus-card")]` writes:
/// inventory::submit! {
///     Registration {
///         name: "print",
///         at: SourceLocation { module: module_path!(), file: file!(), line: line!() },
///         function: || Registration::type_of(&print),
///         endpoint: || Endpoint::builder("card.topups", "campus-card").handler(print),
///     }
/// }
/// # fn main() {
/// assert!(registered().any(|registration| registration.name == "print"));
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Registration {
    /// The function's name; `Type::method` for a method.
    pub name: &'static str,
    /// The place of the function.
    pub at: SourceLocation,
    /// The type of the function item, by which `App::listener(function)` finds it.
    pub function: fn() -> TypeId,
    /// Makes the endpoint that its attribute describes.
    pub endpoint: fn() -> Endpoint,
}

/// A place in somebody's source code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceLocation {
    /// Path of the module, as `module_path!()` has it.
    pub module: &'static str,
    /// Path of the file, as `file!()` has it.
    pub file: &'static str,
    /// Line in the file, counted from 1.
    pub line: u32,
}

inventory::collect!(Registration);

/// All registrations of this binary, in no particular order.
pub fn registered() -> impl Iterator<Item = &'static Registration> {
    inventory::iter::<Registration>.into_iter()
}

impl Registration {
    /// The registration of the function `F`, when it is annotated.
    #[must_use]
    pub fn of<F: 'static>() -> Option<&'static Self> {
        registered().find(|registration| (registration.function)() == TypeId::of::<F>())
    }

    /// The type of a function item, which has no name that could be written.
    #[must_use]
    pub fn type_of<F: 'static>(_function: &F) -> TypeId {
        TypeId::of::<F>()
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("name", &self.name)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::RecordContext;

    async fn annotated(_cx: RecordContext) {}
    async fn plain(_cx: RecordContext) {}

    inventory::submit! {
        Registration {
            name: "annotated",
            at: SourceLocation { module: module_path!(), file: file!(), line: line!() },
            function: || Registration::type_of(&annotated),
            endpoint: || Endpoint::builder("t", "g").handler(annotated),
        }
    }

    fn find<F: 'static>(_function: F) -> Option<&'static Registration> {
        Registration::of::<F>()
    }

    #[test]
    fn a_function_is_found_by_its_type() {
        let found = find(annotated).expect("it was submitted");
        assert_eq!(found.name, "annotated");
        assert_eq!((found.endpoint)().options.group, "g");
    }

    #[test]
    fn a_function_without_an_annotation_is_not_found() {
        assert!(find(plain).is_none());
    }
}
