//! The tools of all macros to read an attribute and to complain about it.

pub(crate) mod arguments;
pub(crate) mod header;
pub(crate) mod text;
pub(crate) mod diagnostics;
