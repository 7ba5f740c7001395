//! Consumer groups: who is in, who does what, and how far each group has read.
//!
//! `classic/` is the protocol as a state machine without I/O.

mod classic;
mod error;
mod ids;
