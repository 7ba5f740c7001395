//! Visitors that nobody has to be: each looks at pages, scrolls and clicks, and leaves.

use std::time::Duration;

use fastrand::Rng;
use tracing::debug;
use uuid::Uuid;
use wellspring::runtime::{Clock, Shutdown, Tasks};

use super::collect::Collector;
use super::event::{Batch, Kind, Posted};

/// The pages with how often they are chosen, and what can be clicked there.
const PAGES: [(&str, u32, [&str; 2]); 4] = [
    ("/", 5, ["offer", "newsletter"]),
    ("/tea", 4, ["green tea", "black tea"]),
    ("/coffee", 2, ["espresso", "filter coffee"]),
    ("/mugs", 1, ["blue mug", "large mug"]),
];

/// Shortest and longest time between two actions of a visitor, in milliseconds.
const PAUSE: std::ops::Range<u64> = 400..2600;

/// Starts `visitors` tasks that visit until the owner of the tasks stops them.
pub fn visit(tasks: &Tasks, collector: &Collector, clock: &Clock, visitors: u32) {
    for _ in 0..visitors {
        let visitor = Visitor {
            collector: collector.clone(),
            clock: clock.clone(),
            random: Rng::new(),
        };
        tasks.spawn("visitor", visitor.come_and_go(tasks.shutdown()));
    }
}

struct Visitor {
    collector: Collector,
    clock: Clock,
    random: Rng,
}

impl Visitor {
    async fn come_and_go(mut self, ends: Shutdown) {
        tokio::select! {
            () = ends.triggered() => {}
            () = async { loop { self.visit().await } } => {}
        }
    }

    /// One visit: some pages, with a name that is new each time.
    async fn visit(&mut self) {
        let name = format!("simulated-{}", self.random.u32(..));
        for _ in 0..self.random.u32(1..6) {
            let (page, _, targets) = self.page();
            self.act(&name, page, Kind::View, None).await;
            for _ in 0..self.random.u32(0..4) {
                let target = self.random.choice(targets).unwrap_or_default();
                let (kind, detail) = if self.random.bool() {
                    (Kind::Click, target.to_owned())
                } else {
                    (Kind::Scroll, format!("{} %", 25 * self.random.u32(1..5)))
                };
                self.act(&name, page, kind, Some(detail)).await;
            }
        }
    }

    /// A page, the popular ones more often.
    fn page(&mut self) -> (&'static str, u32, [&'static str; 2]) {
        let all = PAGES.iter().map(|(_, weight, _)| weight).sum();
        let mut left = self.random.u32(0..all);
        let found = PAGES.into_iter().find(|(_, weight, _)| {
            let is_it = left < *weight;
            left = left.saturating_sub(*weight);
            is_it
        });
        found.unwrap_or(("/", 0, ["offer"; 2]))
    }

    async fn act(&mut self, name: &str, page: &str, kind: Kind, detail: Option<String>) {
        let pause = Duration::from_millis(self.random.u64(PAUSE));
        self.clock.sleep(pause).await;
        let batch = Batch {
            visitor: name.to_owned(),
            events: vec![Posted {
                id: Uuid::new_v4(),
                page: page.to_owned(),
                kind,
                detail,
            }],
        };
        if let Err(error) = self.collector.collect(batch).await {
            debug!(%error, "a simulated visitor's event was not taken");
        }
    }
}
