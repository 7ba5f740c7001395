//! The rules for texts that both `wellspring` and its macros read.
//!
//! An attribute is checked by a macro, a configuration file by the application at start. Both call
//! the functions here, so a text is right or wrong in both places, and for the same reason.
//!
//! This crate is an implementation detail of `wellspring`, which wraps what users see in types of
//! its own. It has no dependencies, since everything that a macro depends on is compiled before
//! the application.
//!
//! ```
//! use wellspring_grammar::{nearest::nearest, placeholder, retry::RetryText, topic, words::Ordering};
//!
//! assert!(topic::check("card.topups").is_ok());
//! assert_eq!(placeholder::check("${topups.topic:card.topups}"), Ok(true));
//! assert_eq!(RetryText::parse("3 x 200ms exponential").map(|policy| policy.retries), Ok(3));
//! assert_eq!(Ordering::find("key"), Some(Ordering::Key));
//! assert_eq!(nearest("wrokers", ["workers", "ordering"]), Some("workers"));
//! ```

#![forbid(unsafe_code)]

pub mod placeholder;
pub mod topic;
pub mod retry;
pub mod count;
pub mod properties;
pub mod words;
pub mod nearest;
