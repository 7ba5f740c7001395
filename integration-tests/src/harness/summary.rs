//! The last lines of a run: what it ran on, what it skipped, and why.

use std::borrow::Borrow;

use crate::target::Target;

/// Foreign clients are no target: they speak for themselves, in a run of their own.
const FOREIGN_CLIENTS: &str =
    "foreign clients: skipped (integration-tests/interop/run.sh drives those that are there)";

/// `targets: ran on jvm; skipped container (no container engine answers)`.
pub(super) fn of(targets: &[impl Borrow<Target>]) -> String {
    let mut ran = Vec::new();
    let mut skipped = Vec::new();
    for target in targets {
        match target.borrow() {
            Target::Available(kind, _) => ran.push(kind.name().to_owned()),
            Target::Absent(kind, reason) => skipped.push(format!("{kind} ({reason})")),
        }
    }
    let mut parts = Vec::new();
    for (what, which) in [("ran on", ran), ("skipped", skipped)] {
        if !which.is_empty() {
            parts.push(format!("{what} {}", which.join(", ")));
        }
    }
    format!("targets: {}\n{FOREIGN_CLIENTS}", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Kind, Shared};

    #[test]
    fn the_summary_says_what_ran_and_why_the_rest_did_not() {
        let targets = [
            Target::Available(Kind::Jvm, Shared::default()),
            Target::Absent(
                Kind::External,
                "WELLSPRING_TEST_BOOTSTRAP is not set".to_owned(),
            ),
        ];
        assert_eq!(
            of(&targets).lines().collect::<Vec<_>>(),
            [
                "targets: ran on jvm; skipped external (WELLSPRING_TEST_BOOTSTRAP is not set)",
                FOREIGN_CLIENTS
            ]
        );
    }
}
