//! Every complaint about an attribute that reads well but cannot work, each on its own span.

use syn::{LitInt, LitStr};

use super::parse::{Attribute, Count, Switch};
use crate::arguments::Pair;
use crate::diagnostics::Diagnostics;
use crate::nearest::nearest;
use crate::text::{Text, check_name, check_placeholders, check_topic, has_placeholder};

/// The most consumers and workers a listener may have; the configuration has the same limit.
const MAX_COUNT: usize = 10_000;

/// The orderings, as they are written and as they are called.
pub(super) const ORDERINGS: &[(&str, &str)] =
    &[("key", "Key"), ("partition", "Partition"), ("none", "None")];

/// What may become of a record whose attempts are used up, as it is written and as it is called.
pub(super) const ACTIONS: &[(&str, &str)] = &[
    ("halt", "Halt"),
    ("dead_letter", "DeadLetter"),
    ("dead-letter", "DeadLetter"),
    ("skip", "Skip"),
    ("stop", "Stop"),
];

/// Properties that the listener sets, and what to do instead of setting them.
const OWNED: &[(&str, &str)] = &[
    ("group.id", "write `group = \"…\"`"),
    (
        "bootstrap.servers",
        "set kafka.bootstrap-servers in the configuration",
    ),
    (
        "metadata.broker.list",
        "set kafka.bootstrap-servers in the configuration",
    ),
    ("client.id", "set app.name in the configuration"),
    (
        "enable.auto.commit",
        "offsets are committed once the records before them are handled",
    ),
    (
        "auto.commit.enable",
        "offsets are committed once the records before them are handled",
    ),
    (
        "enable.auto.offset.store",
        "offsets are committed once the records before them are handled",
    ),
    ("enable.partition.eof", "the listener does not use it"),
];

/// Complains about everything in `attribute` that cannot work.
pub(super) fn check(attribute: &Attribute, diagnostics: &mut Diagnostics) {
    for topic in attribute.topics.iter().filter_map(Text::literal) {
        check_topic(topic, diagnostics);
    }
    check_group(attribute, diagnostics);
    check_count("concurrency", attribute.concurrency.as_ref(), diagnostics);
    check_count("workers", attribute.workers.as_ref(), diagnostics);
    if let Some(ordering) = &attribute.ordering {
        check_word(ordering, "an ordering", ORDERINGS, diagnostics);
    }
    if let Some(retry) = &attribute.retry {
        check_placeholders(retry, diagnostics);
    }
    if let Some(Switch::Text(text)) = &attribute.auto_startup {
        check_setting(text, "auto_startup", "`true`, `false`", diagnostics);
    }
    check_exhaustion(attribute, diagnostics);
    check_properties(&attribute.properties, diagnostics);
}

fn check_group(attribute: &Attribute, diagnostics: &mut Diagnostics) {
    if let Some(group) = attribute.group.as_ref().and_then(Text::literal) {
        check_name(group, "group", diagnostics);
    }
    if let Some(id) = &attribute.id {
        check_name(id, "id", diagnostics);
    }
    if !attribute.names_group {
        diagnostics.absorb(syn::Error::new(
            attribute.place,
            "a listener reads as a consumer group: write `group = \"…\"`, or `id = \"…\"` and set \
             listeners.<id>.group in the configuration",
        ));
    }
    if let (None, Some(id)) = (&attribute.group, &attribute.id)
        && has_placeholder(id)
    {
        let message = "a listener whose group comes from the configuration needs an `id` without placeholders";
        diagnostics.complain(id, message);
    }
}

fn check_count(name: &str, count: Option<&Count>, diagnostics: &mut Diagnostics) {
    let possible = |number: &LitInt| {
        number
            .base10_parse()
            .is_ok_and(|count: usize| (1..=MAX_COUNT).contains(&count))
    };
    match count {
        Some(Count::Number(number)) if !possible(number) => {
            diagnostics.complain(
                number,
                format!("`{name}` is a number from 1 to {MAX_COUNT}"),
            );
        }
        Some(Count::Text(text)) => {
            check_setting(text, name, "a number without quotes", diagnostics)
        }
        Some(Count::Number(_)) | None => {}
    }
}

/// A text that is no placeholder is a value in quotes that it should not have.
fn check_setting(text: &LitStr, name: &str, value: &str, diagnostics: &mut Diagnostics) {
    if !check_placeholders(text, diagnostics) {
        diagnostics.complain(
            text,
            format!("`{name}` is {value} or a placeholder: \"${{key:default}}\""),
        );
    }
}

fn check_word(text: &LitStr, what: &str, words: &[(&str, &str)], diagnostics: &mut Diagnostics) {
    let typed = text.value();
    if check_placeholders(text, diagnostics) || words.iter().any(|(word, _)| *word == typed) {
        return;
    }
    // "dead-letter" is how the configuration has it: understood here, too, but not advertised.
    let known: Vec<&str> = words
        .iter()
        .map(|(word, _)| *word)
        .filter(|word| !word.contains('-'))
        .collect();
    let all = known
        .iter()
        .map(|word| format!("{word:?}"))
        .collect::<Vec<_>>()
        .join(", ");
    let hint = nearest(&typed.to_lowercase(), &known)
        .map_or_else(String::new, |word| format!("; did you mean {word:?}?"));
    diagnostics.complain(
        text,
        format!("{typed:?} is not {what}: it is one of {all}{hint}"),
    );
}

fn check_exhaustion(attribute: &Attribute, diagnostics: &mut Diagnostics) {
    if let Some(action) = &attribute.on_exhausted {
        check_word(action, "what can become of a record", ACTIONS, diagnostics);
    }
    let Some(dead_letter) = &attribute.dead_letter else {
        return;
    };
    if let Some(topic) = dead_letter.topic.as_ref().and_then(Text::literal) {
        check_topic(topic, diagnostics);
        if attribute
            .topics
            .iter()
            .filter_map(Text::literal)
            .any(|source| source.value() == topic.value())
        {
            diagnostics.complain(topic, "this listener reads that topic: name another for its dead letters, or none for `<topic>-dlt`");
        }
    }
    if let Some(action) = attribute
        .on_exhausted
        .as_ref()
        .filter(|action| !action.value().starts_with("dead"))
    {
        let message = format!(
            "`dead_letter` and `on_exhausted = {:?}` exclude each other: keep one",
            action.value()
        );
        diagnostics.complain(action, message);
    }
}

fn check_properties(properties: &[Pair], diagnostics: &mut Diagnostics) {
    for Pair { name, value } in properties {
        check_placeholders(value, diagnostics);
        if let Some((owned, instead)) = OWNED.iter().find(|(owned, _)| *owned == name.value()) {
            diagnostics.complain(name, format!("`{owned}` cannot be set here: {instead}"));
        }
    }
}
