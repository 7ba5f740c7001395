//! The scenarios: one module per promise, one function per scenario, every target that is there.
//!
//! `WELLSPRING_TEST_TARGETS=jvm,container` runs them on those only, and fails if one is absent;
//! without it they run on all that are there. The other arguments are those of `cargo test`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a scenario may fail by panicking"
)]

mod delivery;
mod ordering;
mod offsets;
mod positions;
mod rebalance;
mod topics;
mod recreated;
mod recreated_listener;
mod sizes;
mod drift;
mod configured;
mod retry;
mod classes;
mod redelivery;
mod backpressure;
mod stopping;
mod unanswered_stop;
mod restarts;
mod outage;
mod truncation;
mod corruption;
mod producers;
mod fenced_producers;
mod fatal_errors;
mod starting;
mod epochs;
mod disks;
mod truncated_listener;
mod dead_letters;
mod lost_dead_letter_topic;
mod rights;
mod rot;

use std::process::ExitCode;

use integration_tests::harness;

fn main() -> ExitCode {
    harness::run(
        env!("CARGO_BIN_EXE_broker-node"),
        &[
            delivery::SCENARIOS,
            ordering::SCENARIOS,
            offsets::SCENARIOS,
            positions::SCENARIOS,
            rebalance::SCENARIOS,
            topics::SCENARIOS,
            recreated::SCENARIOS,
            recreated_listener::SCENARIOS,
            sizes::SCENARIOS,
            drift::SCENARIOS,
            configured::SCENARIOS,
            retry::SCENARIOS,
            classes::SCENARIOS,
            redelivery::SCENARIOS,
            backpressure::SCENARIOS,
            stopping::SCENARIOS,
            unanswered_stop::SCENARIOS,
            restarts::SCENARIOS,
            outage::SCENARIOS,
            truncation::SCENARIOS,
            corruption::SCENARIOS,
            producers::SCENARIOS,
            fenced_producers::SCENARIOS,
            fenced_producers::SHARED,
            producers::TOPICS,
            fatal_errors::SCENARIOS,
            starting::SCENARIOS,
            starting::OWN,
            epochs::SCENARIOS,
            disks::SCENARIOS,
            truncated_listener::SCENARIOS,
            dead_letters::SCENARIOS,
            lost_dead_letter_topic::SCENARIOS,
            lost_dead_letter_topic::OWN,
            rights::SCENARIOS,
            rot::SCENARIOS,
        ],
    )
}
