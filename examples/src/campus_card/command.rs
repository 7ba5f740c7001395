//! The command that travels on the topic, and what counts as a valid one.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wellspring::prelude::*;

/// Credit `cents` to `card`. The id makes it safe to deliver twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(topic = "card.topups", key = "card")]
pub struct TopUp {
    /// Names this top-up for ever: the ledger credits an id once.
    pub id: Uuid,
    /// The card to credit; also the record's key, so that top-ups of one card stay in order.
    pub card: String,
    /// How much, in cents.
    pub cents: u64,
}

/// What a client sends to `POST /topups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopUpRequest {
    /// The card to credit.
    pub card: String,
    /// How much, in cents.
    pub cents: u64,
}

/// The most a card may hold, in cents. A top-up that would lift it above is rejected.
pub const CARD_LIMIT: u64 = 1_000_000;

/// Why a request is not a top-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidTopUp(String);

impl TopUpRequest {
    /// Checks the request, and makes a command of it.
    ///
    /// # Errors
    /// When the card is not 1 to 32 letters and digits, or the amount is not between 1 cent and
    /// [`CARD_LIMIT`].
    pub fn into_command(self, id: Uuid) -> Result<TopUp, InvalidTopUp> {
        let Self { card, cents } = self;
        if card.is_empty() || card.len() > 32 || !card.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(InvalidTopUp(
                "card: use 1 to 32 letters and digits, for example \"2026001\"".to_owned(),
            ));
        }
        if !(1..=CARD_LIMIT).contains(&cents) {
            return Err(InvalidTopUp(format!(
                "cents: use a whole number from 1 to {CARD_LIMIT}"
            )));
        }
        Ok(TopUp { id, card, cents })
    }
}

impl fmt::Display for InvalidTopUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidTopUp {}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(card: &str, cents: u64) -> bool {
        TopUpRequest {
            card: card.to_owned(),
            cents,
        }
        .into_command(Uuid::nil())
        .is_ok()
    }

    #[test]
    fn a_top_up_names_a_card_and_a_positive_amount_within_the_limit() {
        assert!(accepts("2026001", 1) && accepts("A", CARD_LIMIT));
        for (card, cents) in [
            ("", 5),
            ("20 26", 5),
            ("../etc", 5),
            (&*"9".repeat(33), 5),
            ("1", 0),
            ("1", CARD_LIMIT + 1),
        ] {
            assert!(!accepts(card, cents), "{card:?} {cents}");
        }
    }
}
