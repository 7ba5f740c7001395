//! The parts that the routes share.

use wellspring::prelude::KafkaTemplate;

use crate::campus_card::ledger::Ledger;

/// The parts that the routes share.
#[derive(Debug, Clone)]
pub struct Resources {
    /// Puts commands on the topic.
    pub template: KafkaTemplate,
    /// Answers questions.
    pub ledger: Ledger,
}
