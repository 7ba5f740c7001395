//! One promise, as a function that any Kafka must fulfil.

use std::error::Error;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::cluster::Cluster;
use crate::own::OwnKafka;
use crate::wait::TimedOut;

/// The end of a scenario. A failed assertion may also panic.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// No scenario takes this long; one that does hangs.
const SCENARIO_TIMEOUT: Duration = Duration::from_secs(180);

/// A scenario, told once and run on every target. Made by [`scenarios!`](crate::scenarios).
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Module and function, as the compiler names them.
    pub path: &'static str,
    /// The scenario's function.
    pub run: Run,
}

/// The function of a scenario, by what it takes.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// With a Kafka that others may use at the same time.
    Shared(fn(Cluster) -> BoxFuture<'static, Outcome>),
    /// With a Kafka of its own, which it starts, kills and damages itself.
    Own(fn(OwnKafka) -> BoxFuture<'static, Outcome>),
}

/// Ends a scenario that can't run here, as its error: it counts as ignored, with the reason.
#[derive(Debug, thiserror::Error)]
#[error("skipped: {0}")]
pub struct Skipped(pub String);

/// Lists the scenarios of a module: `pub const SCENARIOS: &[Scenario] = scenarios![first, second];`
///
/// Those that need a Kafka of their own: `scenarios![OwnKafka => first, second]`.
#[macro_export]
macro_rules! scenarios {
    (OwnKafka => $($scenario:ident),+ $(,)?) => {
        &[$($crate::harness::Scenario {
            path: concat!(module_path!(), "::", stringify!($scenario)),
            run: $crate::harness::Run::Own(|kafka| Box::pin($scenario(kafka))),
        }),+]
    };
    ($($scenario:ident),+ $(,)?) => {
        &[$($crate::harness::Scenario {
            path: concat!(module_path!(), "::", stringify!($scenario)),
            run: $crate::harness::Run::Shared(|cluster| Box::pin($scenario(cluster))),
        }),+]
    };
}

impl Scenario {
    /// The name without the test program's own: `delivery::two_groups_each_see_everything`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path
            .split_once("::")
            .map_or(self.path, |(_program, name)| name)
    }
}

/// Runs a scenario to its end, in a runtime of its own.
pub(super) fn run(scenario: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let outcome = tokio::time::timeout(SCENARIO_TIMEOUT, scenario).await;
        outcome.map_err(|_elapsed| TimedOut::new("the scenario", SCENARIO_TIMEOUT))?
    })
}
