//! `topics = "orders:4, other", settings(…)`: what the test's Kafka is like when the body starts.

use proc_macro2::TokenStream;
use syn::LitStr;

use crate::syntax::arguments::{self, Known, Pair};
use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::text::{check_topic, has_placeholder};

const KNOWN: &[Known] = &[
    Known {
        name: "topics",
        example: "topics = \"orders:4, other\"",
    },
    Known {
        name: "settings",
        example: "settings(\"log.retention.ms\" = \"1000\")",
    },
];

/// The attribute as it was written.
#[derive(Debug, Default)]
pub(super) struct Spec {
    /// `name:partitions` separated by commas.
    pub(super) topics: Option<LitStr>,
    pub(super) settings: Vec<Pair>,
}

impl Spec {
    /// Reads and checks the arguments.
    pub(super) fn read(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut spec = Self::default();
        for argument in arguments::read("#[wellspring::test]", KNOWN, tokens, diagnostics) {
            let known = KNOWN.iter().find(|known| argument.name == known.name);
            let example = known.map_or("", |known| known.example);
            if argument.name == "topics" {
                spec.topics = argument.value(example, diagnostics);
            } else {
                spec.settings = argument.pairs(example, diagnostics);
            }
        }
        if let Some(topics) = &spec.topics {
            check_topics(topics, diagnostics);
        }
        spec
    }
}

fn check_topics(text: &LitStr, diagnostics: &mut Diagnostics) {
    if has_placeholder(text) {
        diagnostics.complain(
            text,
            "a test has no configuration: name its topics without placeholders",
        );
        return;
    }
    let value = text.value();
    let parts = value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    for part in parts {
        let (name, partitions) = part.split_once(':').unwrap_or((part, "1"));
        check_topic(&LitStr::new(name.trim_end(), text.span()), diagnostics);
        if !partitions
            .trim()
            .parse::<u16>()
            .is_ok_and(|partitions| partitions > 0)
        {
            let message =
                format!("{part:?} is not a topic with a number of partitions: write \"orders:4\"");
            diagnostics.complain(text, message);
        }
    }
}
