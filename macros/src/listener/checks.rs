//! Every complaint about an attribute that reads well but cannot work, each on its own span.

use syn::{LitInt, LitStr};
use wellspring_grammar::count::MAX_COUNT;
use wellspring_grammar::properties::instead_of;
use wellspring_grammar::retry::RetryText;
use wellspring_grammar::words::{OnExhausted, Ordering, UnknownWord};

use super::attribute::{Attribute, Count, Switch};
use crate::syntax::arguments::Pair;
use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::text::{Text, check_name, check_placeholders, check_topic, has_placeholder};

/// Complains about everything in `attribute` that cannot work.
pub(super) fn check(attribute: &Attribute, diagnostics: &mut Diagnostics) {
    for topic in attribute.topics.iter().filter_map(Text::literal) {
        check_topic(topic, diagnostics);
    }
    check_group(attribute, diagnostics);
    check_count("concurrency", attribute.concurrency.as_ref(), diagnostics);
    check_count("workers", attribute.workers.as_ref(), diagnostics);
    if let Some(ordering) = &attribute.ordering {
        check_word(ordering, Ordering::parse, diagnostics);
    }
    if let Some(retry) = &attribute.retry {
        check_retry(retry, diagnostics);
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
            .is_ok_and(|count: u64| (1..=MAX_COUNT).contains(&count))
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

fn check_retry(text: &LitStr, diagnostics: &mut Diagnostics) {
    if !check_placeholders(text, diagnostics)
        && let Err(reason) = RetryText::parse(&text.value())
    {
        diagnostics.complain(text, format!("not a retry policy: {reason}"));
    }
}

fn check_word<T>(
    text: &LitStr,
    parse: fn(&str) -> Result<T, UnknownWord>,
    diagnostics: &mut Diagnostics,
) {
    if !check_placeholders(text, diagnostics)
        && let Err(unknown) = parse(&text.value())
    {
        diagnostics.complain(text, unknown);
    }
}

fn check_exhaustion(attribute: &Attribute, diagnostics: &mut Diagnostics) {
    if let Some(action) = &attribute.on_exhausted {
        check_word(action, OnExhausted::parse, diagnostics);
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
        let property = name.value();
        if let Some(instead) = instead_of(&property) {
            diagnostics.complain(name, format!("`{property}` cannot be set here: {instead}"));
        }
    }
}
