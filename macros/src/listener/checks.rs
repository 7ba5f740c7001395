//! Complaints about an attribute that reads well but cannot work, each on its own span.

use super::attribute::Attribute;
use crate::syntax::diagnostics::Diagnostics;
use crate::syntax::text::{Text, check_name, check_topic, has_placeholder};

/// Complains about everything in `attribute` that cannot work.
pub(super) fn check(attribute: &Attribute, diagnostics: &mut Diagnostics) {
    for topic in attribute.topics.iter().filter_map(Text::literal) {
        check_topic(topic, diagnostics);
    }
    check_group(attribute, diagnostics);
    attribute.options.check(diagnostics);
    check_dead_letter(attribute, diagnostics);
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

/// `dead_letter` names another topic, and says what becomes of a record by itself.
fn check_dead_letter(attribute: &Attribute, diagnostics: &mut Diagnostics) {
    let Some(dead_letter) = attribute.options.dead_letter() else {
        return;
    };
    if let Some(topic) = dead_letter.and_then(Text::literal)
        && attribute
            .topics
            .iter()
            .filter_map(Text::literal)
            .any(|source| source.value() == topic.value())
    {
        let message = "this listener reads that topic: name another for its dead letters, or none for `<topic>-dlt`";
        diagnostics.complain(topic, message);
    }
    if let Some(action) = attribute
        .options
        .on_exhausted()
        .filter(|action| !action.value().starts_with("dead"))
    {
        let message = format!(
            "`dead_letter` and `on_exhausted = {:?}` exclude each other: keep one",
            action.value()
        );
        diagnostics.complain(action, message);
    }
}
