//! What a chapter is.

use std::pin::Pin;

use crate::kafka_by_doing::client::Client;
use crate::kafka_by_doing::cluster::Cluster;
use crate::kafka_by_doing::narrator::Narrator;

/// One chapter of the tour.
#[derive(Debug, Clone, Copy)]
pub struct Chapter {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is about, in one line.
    pub title: &'static str,
    /// What it does, and where.
    pub body: Body,
}

/// What a chapter does, by what it needs for it.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// One broker is enough: any Kafka will do.
    OneBroker(for<'a> fn(&'a mut Narrator, &'a Client) -> Telling<'a>),
    /// Three brokers that can be stopped, killed and frozen.
    Cluster(for<'a> fn(&'a mut Narrator, &'a mut Cluster) -> Telling<'a>),
}

/// A chapter that is being told.
///
/// Its error is that of what could not be done, or of a claim that does not hold.
pub type Telling<'a> = Pin<Box<dyn Future<Output = wellspring::Result<Outcome>> + 'a>>;

/// How a chapter ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was told, and all its claims hold.
    Told,
    /// It can't be told on this Kafka, for this reason.
    Skipped(String),
}
