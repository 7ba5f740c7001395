//! Runs every scenario on every target: one line each, and a summary of what it ran on.
//!
//! ```text
//! test [broker-lite] delivery::two_groups_each_see_everything ... ok
//! test [container]   delivery::two_groups_each_see_everything ... ignored (no container engine: …)
//! …
//! targets: ran on broker-lite; skipped container (no container engine: …)
//! ```

mod permits;
mod scenario;
mod summary;
mod times;

use std::process::ExitCode;
use std::sync::Arc;

use futures::future::BoxFuture;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use permits::Permits;
pub use scenario::{Outcome, Run, Scenario, Skipped};
use times::Times;

use crate::cluster::Cluster;
use crate::own::OwnKafka;
use crate::target::{Kind, Selection, Target};

/// Scenarios mostly wait for a broker, so more of them than there are processors can run at once.
const MAX_CONCURRENT: usize = 6;

/// Limits the scenarios that have a Kafka of their own on the JVM at once: each takes some 400 MB
/// and, while it starts, a processor.
static OWN_JVMS: Permits = Permits::new(3);

/// Runs the scenarios as the command line asks (`cargo test`'s own arguments), then stops what it
/// started.
///
/// `broker_node` is the program that runs a broker-lite of a scenario's own,
/// `env!("CARGO_BIN_EXE_broker-node")`.
#[must_use]
pub fn run(broker_node: &'static str, scenarios: &[&[Scenario]]) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(MAX_CONCURRENT));

    let selection = match Selection::from_env() {
        Ok(selection) => selection,
        Err(refusal) => {
            eprintln!("{refusal}");
            return ExitCode::FAILURE;
        }
    };
    let targets: Vec<Arc<Target>> = selection.targets.into_iter().map(Arc::new).collect();
    let times = Times::default();
    let mut trials = Vec::new();
    for target in &targets {
        for scenario in scenarios.iter().copied().flatten() {
            trials.push(trial(
                *scenario,
                Arc::clone(target),
                selection.by_name,
                RunEnvironment {
                    broker_node,
                    times: times.clone(),
                },
            ));
        }
    }

    let listing = arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !listing {
        eprintln!("{}", summary::of(&targets));
        eprint!("{}", times.slowest());
    }
    // Every lease is back, so dropping the targets stops what runs.
    drop(targets);
    conclusion.exit_code()
}

/// The parts that every trial of a run gets.
#[derive(Debug, Clone)]
struct RunEnvironment {
    broker_node: &'static str,
    times: Times,
}

fn trial(
    scenario: Scenario,
    target: Arc<Target>,
    must_be_there: bool,
    environment: RunEnvironment,
) -> Trial {
    let kind = target.kind().name();
    let run = move || {
        let outcome = match (&*target, scenario.run) {
            (Target::Absent(_, reason), _) if must_be_there => {
                return Err(Failed::from(format!("asked for, but: {reason}")));
            }
            (Target::Absent(_, reason), _) => return Ok(Completion::ignored_with(reason)),
            (Target::Available(..), Run::Shared(run)) => {
                let cluster = Cluster::new(target.lease()?);
                let name = scenario.name();
                environment
                    .times
                    .of(kind, name, || on_shared(name, run, cluster))
            }
            (Target::Available(kind, _), Run::Own(run)) => {
                on_its_own(scenario.name(), run, *kind, &environment)
            }
        };
        match outcome {
            Ok(()) => Ok(Completion::Completed),
            Err(error) => match error.downcast::<Skipped>() {
                Ok(skipped) => Ok(Completion::ignored_with(skipped.0)),
                Err(error) => Err(error.into()),
            },
        }
    };
    Trial::ignorable_test(scenario.name(), run).with_kind(kind)
}

fn on_shared(
    name: &str,
    run: fn(Cluster) -> BoxFuture<'static, Outcome>,
    cluster: Cluster,
) -> Outcome {
    scenario::run(async {
        run(cluster.clone()).await?;
        // After a failure the topics stay, for whoever wants to look.
        if let Err(refusal) = cluster.remove_topics().await {
            tracing::warn!(scenario = name, %refusal, "topics stay behind");
        }
        Ok(())
    })
}

fn on_its_own(
    name: &'static str,
    run: fn(OwnKafka) -> BoxFuture<'static, Outcome>,
    kind: Kind,
    environment: &RunEnvironment,
) -> Outcome {
    if let Some(refusal) = OwnKafka::refusal(kind) {
        return Err(Skipped(refusal.to_owned()).into());
    }
    let _permit = (kind == Kind::Jvm).then(|| OWN_JVMS.take());
    environment.times.of(kind.name(), name, || {
        let kafka = OwnKafka::new(kind, environment.broker_node)?;
        scenario::run(run(kafka))
    })
}
