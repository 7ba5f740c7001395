//! One promise, as a function that any Kafka must fulfil.

use std::error::Error;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::cluster::Cluster;
use crate::wait::TimedOut;

/// How a scenario ends. A failed assertion may also panic.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// No scenario takes this long; one that does hangs.
const LONGEST: Duration = Duration::from_secs(180);

/// A scenario, told once and run on every target. Made by [`scenarios!`](crate::scenarios).
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Module and function, as the compiler names them.
    pub path: &'static str,
    /// What it does.
    pub run: fn(Cluster) -> BoxFuture<'static, Outcome>,
}

/// Lists the scenarios of a module: `pub const SCENARIOS: &[Scenario] = scenarios![first, second];`
#[macro_export]
macro_rules! scenarios {
    ($($scenario:ident),+ $(,)?) => {
        &[$($crate::harness::Scenario {
            path: concat!(module_path!(), "::", stringify!($scenario)),
            run: |cluster| Box::pin($scenario(cluster)),
        }),+]
    };
}

impl Scenario {
    /// The name without the test program's own: `delivery::two_groups_each_see_everything`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path.split_once("::").map_or(self.path, |(_program, name)| name)
    }

    /// Runs it to its end, in a runtime of its own.
    pub(super) fn run_on(self, cluster: Cluster) -> Outcome {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(async {
            let outcome = tokio::time::timeout(LONGEST, (self.run)(cluster.clone())).await;
            outcome.map_err(|_elapsed| TimedOut::new("the scenario", LONGEST))??;
            // After a failure the topics stay, for whoever wants to look.
            if let Err(refusal) = cluster.remove_topics().await {
                tracing::warn!(scenario = self.name(), %refusal, "topics stay behind");
            }
            Ok(())
        })
    }
}
