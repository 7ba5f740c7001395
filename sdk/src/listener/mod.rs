//! The listener engine.

mod dispatch;
mod lane;
mod partition;
mod parcel;
mod progress;
mod offsets;
mod keys;
mod slab;
#[cfg(test)]
pub(crate) mod random;
