//! The unit of work in a slot.

use super::attempt::Attempt;
use super::forward::Forward;

/// The unit of work in a slot.
pub(super) enum Unit {
    /// Nothing runs.
    Idle,
    /// A handler runs.
    Attempt(Attempt),
    /// A record that failed for good is being written elsewhere. Boxed, since it is rare and large,
    /// and the unit is moved for each record.
    Forward(Box<Forward>),
}
