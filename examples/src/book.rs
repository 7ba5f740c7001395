//! The pages of `docs/`, so that their Rust blocks are compiled, and run where they can be.

#[doc = include_str!("../../docs/introduction.md")]
mod introduction {}
#[doc = include_str!("../../docs/getting-started.md")]
mod getting_started {}
#[doc = include_str!("../../docs/three-ways.md")]
mod three_ways {}
#[doc = include_str!("../../docs/listeners.md")]
mod listeners {}
#[doc = include_str!("../../docs/producers.md")]
mod producers {}
#[doc = include_str!("../../docs/failures.md")]
mod failures {}
#[doc = include_str!("../../docs/testing.md")]
mod testing {}
#[doc = include_str!("../../docs/configuration.md")]
mod configuration {}
#[doc = include_str!("../../docs/health.md")]
mod health {}
#[doc = include_str!("../../docs/kubernetes.md")]
mod kubernetes {}
#[doc = include_str!("../../docs/broker-lite.md")]
mod broker_lite {}
#[doc = include_str!("../../docs/spring.md")]
mod spring {}
#[doc = include_str!("../../docs/campus-card.md")]
mod campus_card {}
