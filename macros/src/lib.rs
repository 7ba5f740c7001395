//! The macros of wellspring.
