//! What a visitor did, as it travels on the topic, and what counts as a valid post.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wellspring::prelude::*;
use wellspring::types::Timestamp;

/// Something that a visitor did on a page. The id makes it safe to deliver twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(topic = "behaviour.events", key = "visitor")]
pub struct UserEvent {
    /// Names this event for ever: the store counts an id once.
    pub id: Uuid,
    /// Who did it; also the record's key, so that one visitor's events stay in order.
    pub visitor: String,
    /// The path of the page.
    pub page: String,
    /// What was done.
    pub kind: Kind,
    /// What was clicked, or how far down the page was scrolled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When it was received, in milliseconds since 1970. The visitor's own clock may be wrong.
    pub received: i64,
}

/// What a visitor can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Opened the page.
    View,
    /// Clicked or tapped something on it.
    Click,
    /// Scrolled further down than before.
    Scroll,
}

impl Kind {
    /// Its name on the topic and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Click => "click",
            Self::Scroll => "scroll",
        }
    }
}

/// What a page posts: some events of one visitor.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Who did all this.
    pub visitor: String,
    /// What was done, in its order.
    pub events: Vec<Posted>,
}

/// One event of a [`Batch`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posted {
    /// Made by the page, so that a batch that is posted again counts once.
    pub id: Uuid,
    /// The path of the page.
    pub page: String,
    /// What was done.
    pub kind: Kind,
    /// What was clicked, or how far down the page was scrolled.
    #[serde(default)]
    pub detail: Option<String>,
}

/// Most events in one batch.
pub const MAX_EVENTS: usize = 500;

/// Longest path of a page, and longest detail, in bytes.
pub const MAX_TEXT: usize = 200;

/// Why a batch is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidBatch(String);

impl Batch {
    /// Checks the batch, and makes an event of each of its entries.
    ///
    /// # Errors
    /// Names the first entry that is not valid, with what would be. No event is taken then.
    pub fn into_events(self, received: Timestamp) -> Result<Vec<UserEvent>, InvalidBatch> {
        let Self { visitor, events } = self;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if visitor.is_empty() || visitor.len() > 64 || !visitor.bytes().all(is_plain) {
            let rule = "visitor: use 1 to 64 letters, digits and hyphens";
            return Err(InvalidBatch(rule.to_owned()));
        }
        if events.is_empty() || events.len() > MAX_EVENTS {
            let (rule, given) = (MAX_EVENTS, events.len());
            let message = format!("events: send 1 to {rule} at a time, not {given}");
            return Err(InvalidBatch(message));
        }
        let checked = events.into_iter().enumerate().map(|(index, posted)| {
            let rule = posted.broken_rule();
            rule.map_or(Ok(()), |rule| {
                Err(InvalidBatch(format!("events[{index}].{rule}")))
            })?;
            Ok(UserEvent {
                id: posted.id,
                visitor: visitor.clone(),
                page: posted.page,
                kind: posted.kind,
                detail: posted.detail,
                received: received.0,
            })
        });
        checked.collect()
    }
}

impl Posted {
    fn broken_rule(&self) -> Option<String> {
        let is_text = |text: &str| text.len() <= MAX_TEXT && !text.contains(char::is_control);
        if !self.page.starts_with('/') || !is_text(&self.page) {
            let rule = format!("page: use a path such as \"/tea\", of at most {MAX_TEXT} bytes");
            return Some(rule);
        }
        let is_valid = self.detail.as_deref().is_none_or(is_text);
        (!is_valid).then(|| format!("detail: use a text of at most {MAX_TEXT} bytes, in one line"))
    }
}

impl fmt::Display for InvalidBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidBatch {}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(page: &str) -> Posted {
        Posted {
            id: Uuid::nil(),
            page: page.to_owned(),
            kind: Kind::View,
            detail: None,
        }
    }

    fn complaint(visitor: &str, events: Vec<Posted>) -> Option<String> {
        let visitor = visitor.to_owned();
        let events = Batch { visitor, events }.into_events(Timestamp(0));
        events.err().map(|invalid| invalid.to_string())
    }

    #[test]
    fn a_batch_has_a_visitor_and_some_events_with_a_path_each() {
        assert_eq!(complaint("a-1", vec![posted("/")]), None);
        for (visitor, events, begins) in [
            ("", vec![posted("/")], "visitor:"),
            ("a b", vec![posted("/")], "visitor:"),
            ("a", vec![], "events: send 1 to 500"),
            (
                "a",
                vec![posted("/"); MAX_EVENTS + 1],
                "events: send 1 to 500",
            ),
            ("a", vec![posted("/"), posted("tea")], "events[1].page:"),
            ("a", vec![posted("/a\nb")], "events[0].page:"),
            (
                "a",
                vec![posted(&format!("/{}", "a".repeat(MAX_TEXT)))],
                "events[0].page:",
            ),
        ] {
            let complaint = complaint(visitor, events).unwrap();
            assert!(complaint.starts_with(begins), "{complaint}");
        }
    }

    #[test]
    fn a_detail_is_one_short_line() {
        let long = Posted {
            detail: Some("a".repeat(MAX_TEXT + 1)),
            ..posted("/")
        };
        let complaint = complaint("a", vec![long]).unwrap();
        assert!(complaint.starts_with("events[0].detail:"), "{complaint}");
    }
}
