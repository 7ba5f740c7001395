//! The report of a stop.

/// The report of a listener's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopReport {
    /// Running records that were cancelled at the deadline. They are not committed and come again.
    pub cancelled: usize,
    /// Consumers whose handlers did not even react to being cancelled: they block their thread.
    pub blocked: usize,
}
