//! Every key that Wellspring knows: name, type, default, range and meaning, in one table.
//!
//! The loader checks against it, suggestions come from it, and the tables in the documentation and
//! in the README are rendered from it.

mod markdown;
mod find;
mod table;
mod key;

pub(crate) use find::{Found, find, is_reserved};
pub use key::{Key, Kind};
pub use markdown::defaults_table;
pub use table::KEYS;
