//! Runs every scenario on every target: one line each, and a summary of what it ran on.
//!
//! ```text
//! test [broker-lite] delivery::two_groups_each_see_everything ... ok
//! test [container]   delivery::two_groups_each_see_everything ... ignored (no container engine: …)
//! …
//! targets: ran on broker-lite; skipped container (no container engine: …)
//! ```

mod scenario;
mod summary;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

pub use scenario::{Outcome, Scenario};

use crate::cluster::Cluster;
use crate::target::{Selection, Target};

/// Scenarios mostly wait for a broker, so more of them than there are processors can run at once.
const AT_ONCE: usize = 4;

/// Runs the scenarios as the command line asks (`cargo test`'s own arguments), then stops what it started.
#[must_use]
pub fn run(scenarios: &[&[Scenario]]) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(AT_ONCE));

    let selection = match Selection::from_env() {
        Ok(selection) => selection,
        Err(refusal) => {
            eprintln!("{refusal}");
            return ExitCode::FAILURE;
        }
    };
    let targets: Vec<Arc<Target>> = selection.targets.into_iter().map(Arc::new).collect();
    let mut trials = Vec::new();
    for target in &targets {
        for scenario in scenarios.iter().copied().flatten() {
            trials.push(trial(*scenario, Arc::clone(target), selection.by_name));
        }
    }

    let listing = arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !listing {
        eprintln!("{}", summary::of(&targets));
    }
    // Every lease is back, so dropping the targets stops what runs.
    drop(targets);
    conclusion.exit_code()
}

fn trial(scenario: Scenario, target: Arc<Target>, must_be_there: bool) -> Trial {
    let kind = target.kind().name();
    let run = move || match &*target {
        Target::Absent(_, reason) if must_be_there => Err(Failed::from(format!("asked for, but: {reason}"))),
        Target::Absent(_, reason) => Ok(Completion::ignored_with(reason)),
        Target::Available(..) => {
            let cluster = Cluster::new(target.lease()?);
            scenario.run_on(cluster)?;
            Ok(Completion::Completed)
        }
    };
    Trial::ignorable_test(scenario.name(), run).with_kind(kind)
}
