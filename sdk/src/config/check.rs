//! From settings as written to values that are right, with every problem on the way.

use wellspring_grammar::nearest::nearest;

use super::addresses::{AddressError, Addresses};
use super::client_rules::{self, Features};
use super::entry::{Entry, canonical};
use super::environment::Environment;
use super::error::{Complaint, PlaceholderComplaint, Problem};
use super::keys::{self, KEYS, Kind};
use super::placeholder::Resolver;
use super::raw::Raw;
use super::secret::{may_be_secret, printable};
use super::value::{Resolved, Value, Values};

/// The rules that values are checked against besides the table of keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) features: Features,
    pub(crate) retry: RetryRule,
}

/// A check of retry policies; the error says what is wrong.
pub(crate) type RetryRule = fn(&str) -> Result<(), String>;

/// Resolves and checks the winning entry of every key.
pub(crate) fn check(rules: Rules, raw: &Raw, environment: &Environment) -> (Values, Vec<Problem>) {
    let resolver = Resolver { raw, environment };
    let mut values = Values::new();
    let mut problems = Vec::new();
    for (key, entry) in raw.winners() {
        match check_entry(rules, &resolver, entry) {
            Ok(resolved) => {
                values.insert(key.to_owned(), resolved);
            }
            Err(complaint) => problems.push(Problem::of(entry, complaint)),
        }
    }
    problems.extend(client_rules::check(&values, rules.features));
    (values, problems)
}

fn check_entry(
    rules: Rules,
    resolver: &Resolver<'_>,
    entry: &Entry,
) -> Result<Resolved, Complaint> {
    let expanded = resolver
        .expand_value(&entry.key, &entry.value)
        .map_err(|complaint| {
            let is_shown = printable(&entry.key, &entry.value) == entry.value;
            if is_shown {
                complaint
            } else {
                PlaceholderComplaint::Hidden
            }
        })?;
    let found = keys::find(&entry.key);
    let value = match &found {
        Some(found) => parse(rules, found.key.kind, &expanded.text).map_err(|reason| {
            // A reason repeats what it is about.
            match reason.filter(|_| !expanded.secret) {
                Some(reason) => Complaint::Invalid { reason },
                None => Complaint::NotA {
                    expected: found.key.kind.to_string(),
                    default: found.key.default.map(str::to_owned),
                },
            }
        })?,
        None if keys::is_reserved(&entry.key) => {
            return Err(Complaint::UnknownKey {
                nearest: nearest_key(&entry.key),
            });
        }
        None => Value::Text(expanded.text),
    };
    Ok(Resolved {
        key: entry.key.clone(),
        found,
        value,
        origin: entry.origin.clone(),
        secret: expanded.secret || may_be_secret(&entry.key, &entry.value),
    })
}

/// Reads a text as a value of this kind. The error is a reason, where there is more to say than
/// what is expected.
fn parse(rules: Rules, kind: Kind, text: &str) -> Result<Value, Option<String>> {
    let trimmed = text.trim();
    match kind {
        Kind::Addresses => match Addresses::parse(trimmed) {
            Ok(addresses) => Ok(Value::Addresses(addresses)),
            Err(AddressError::Empty) => Err(None),
            Err(reason) => Err(Some(reason.to_string())),
        },
        Kind::Retry => (rules.retry)(trimmed)
            .map(|()| Value::Text(trimmed.to_owned()))
            .map_err(Some),
        // A password may begin or end with a space.
        Kind::Property => Ok(Value::Text(text.to_owned())),
        Kind::Text | Kind::Bool | Kind::Count { .. } | Kind::Duration { .. } | Kind::OneOf(_) => {
            simple(kind, trimmed).ok_or(None)
        }
    }
}

fn simple(kind: Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Text => (!text.is_empty()).then(|| Value::Text(text.to_owned())),
        Kind::Bool => text.parse().ok().map(Value::Bool),
        Kind::Count { min, max } => text
            .parse()
            .ok()
            .filter(|count| (min..=max).contains(count))
            .map(Value::Count),
        Kind::Duration { min, max } => humantime::parse_duration(text)
            .ok()
            .filter(|duration| (min..=max).contains(duration))
            .map(Value::Duration),
        Kind::OneOf(words) => words
            .iter()
            .find(|word| canonical(word) == canonical(text))
            .map(|word| Value::Text((*word).to_owned())),
        Kind::Addresses | Kind::Retry | Kind::Property => None,
    }
}

/// The known key nearest to a written one, with the written listener's id put in.
pub(crate) fn nearest_key(written: &str) -> Option<String> {
    let id = written.split('.').nth(1).unwrap_or_default();
    let spelled = canonical(written);
    let known = KEYS.iter().filter(|key| !key.name.ends_with('*'));
    let known: Vec<(String, String)> = known
        .map(|key| key.name.replace("<id>", id))
        .map(|name| (canonical(&name), name))
        .collect();
    let found = nearest(
        &spelled,
        known.iter().map(|(canonical, _)| canonical.as_str()),
    )?;
    known
        .iter()
        .find(|(canonical, _)| canonical == found)
        .map(|(_, name)| name.clone())
}
