//! The options of a listener, in one table: a new one is a line here and a method of
//! `EndpointBuilder` with the same name.

use proc_macro2::TokenStream;
use syn::LitStr;

use super::kind::{Kind, ON_EXHAUSTED, ORDERING, Value};
use crate::syntax::arguments::{Argument, Known};
use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::text::Text;

/// An option: how it is written, and what is written there.
struct ListenerOption {
    known: Known,
    kind: Kind,
}

/// All options, in the order in which messages list them.
const OPTIONS: &[ListenerOption] = &[
    option("concurrency", "concurrency = 2", Kind::Count),
    option("workers", "workers = 16", Kind::Count),
    option("ordering", "ordering = \"key\"", Kind::Word(ORDERING)),
    option("retry", "retry = \"3 x 200ms exponential\"", Kind::Retry),
    option(
        "dead_letter",
        "dead_letter = \"card.topups-dlt\"",
        Kind::DeadLetter,
    ),
    option(
        "on_exhausted",
        "on_exhausted = \"skip\"",
        Kind::Word(ON_EXHAUSTED),
    ),
    option("retry_panics", "retry_panics", Kind::Flag),
    option("retry_rejections", "retry_rejections", Kind::Flag),
    option("classify", "classify = path::to::function", Kind::Function),
    option("auto_startup", "auto_startup = false", Kind::Switch),
    option(
        "properties",
        "properties(\"fetch.min.bytes\" = \"1024\")",
        Kind::Properties,
    ),
];

const fn option(name: &'static str, example: &'static str, kind: Kind) -> ListenerOption {
    ListenerOption {
        known: Known { name, example },
        kind,
    }
}

/// The options that an attribute gives, in the order of the attribute.
#[derive(Debug, Default)]
pub(super) struct Options(Vec<(&'static str, Value)>);

impl Options {
    /// Returns the options as arguments that an attribute knows.
    pub(super) fn known() -> impl Iterator<Item = Known> {
        OPTIONS.iter().map(|option| option.known)
    }

    /// Reads an argument that is an option.
    pub(super) fn read(&mut self, argument: &Argument, diagnostics: &mut Diagnostics) {
        let option = OPTIONS
            .iter()
            .find(|option| argument.name == option.known.name);
        if let Some(ListenerOption { known, kind }) = option
            && let Some(value) = kind.read(argument, known.example, diagnostics)
        {
            self.0.push((known.name, value));
        }
    }

    /// Complains about each value that cannot work, whatever the others are.
    pub(super) fn check(&self, diagnostics: &mut Diagnostics) {
        for (name, value) in &self.0 {
            value.check(name, diagnostics);
        }
    }

    /// Returns the calls of the builder's methods, `.workers(16).retry_panics()`.
    pub(super) fn calls(&self) -> impl Iterator<Item = TokenStream> {
        self.0.iter().map(|(name, value)| value.call(name))
    }

    /// Whether the attribute says what kind of failure an error is.
    pub(super) fn has_classifier(&self) -> bool {
        self.0
            .iter()
            .any(|(_, value)| matches!(value, Value::Function(_)))
    }

    /// Returns the topic of `dead_letter`, if that is given, and if it names one.
    pub(super) fn dead_letter(&self) -> Option<Option<&Text>> {
        self.0.iter().find_map(|(_, value)| {
            if let Value::DeadLetter(topic) = value {
                Some(topic.as_ref())
            } else {
                None
            }
        })
    }

    /// Returns the word of `on_exhausted`.
    pub(super) fn on_exhausted(&self) -> Option<&LitStr> {
        self.0.iter().find_map(|(name, value)| {
            if let Value::Word(text, _) = value
                && *name == "on_exhausted"
            {
                Some(text)
            } else {
                None
            }
        })
    }
}
