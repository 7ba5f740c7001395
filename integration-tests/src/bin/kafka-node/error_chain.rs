//! An error with its causes, in one line.

use std::error::Error;
use std::iter;

/// The words of an error and of its causes.
pub(crate) fn error_chain(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"))
}
