//! From settings as written to values that are right, with every problem on the way.

use super::client_rules::{self, Features};
use super::entry::{Entry, canonical};
use super::environment::Environment;
use super::error::{Complaint, Problem};
use super::keys::{self, KEYS, Kind};
use super::nearest::nearest;
use super::placeholder::Resolver;
use super::raw::Raw;
use super::value::{Resolved, Value, Values};

/// What a value is held against besides the table of keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) features: Features,
    pub(crate) retry: RetryRule,
}

/// What a retry policy may look like: the answer is what is wrong with it.
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

fn check_entry(rules: Rules, resolver: &Resolver<'_>, entry: &Entry) -> Result<Resolved, Complaint> {
    let expanded = resolver.expand_value(&entry.key, &entry.value)?;
    let found = keys::find(&entry.key);
    let value = match &found {
        Some(found) => {
            if let (Kind::Retry, Err(reason)) = (found.key.kind, (rules.retry)(&expanded.text)) {
                return Err(Complaint::Invalid { reason });
            }
            parse(found.key.kind, &expanded.text).ok_or_else(|| Complaint::NotA {
                expected: found.key.kind.to_string(),
                default: found.key.default.map(str::to_owned),
            })?
        }
        None if keys::is_reserved(&entry.key) => {
            return Err(Complaint::UnknownKey { nearest: nearest_key(&entry.key) });
        }
        None => Value::Text(expanded.text),
    };
    Ok(Resolved {
        key: entry.key.clone(),
        found,
        value,
        origin: entry.origin.clone(),
        secret: expanded.secret,
    })
}

/// Reads a text as a value of this kind; `None` when it is none.
fn parse(kind: Kind, text: &str) -> Option<Value> {
    let text = text.trim();
    match kind {
        Kind::Text => (!text.is_empty()).then(|| Value::Text(text.to_owned())),
        Kind::Bool => text.parse().ok().map(Value::Bool),
        Kind::Count { min, max } => {
            text.parse().ok().filter(|count| (min..=max).contains(count)).map(Value::Count)
        }
        Kind::Duration { min, max } => humantime::parse_duration(text)
            .ok()
            .filter(|duration| (min..=max).contains(duration))
            .map(Value::Duration),
        Kind::OneOf(words) => words
            .iter()
            .find(|word| canonical(word) == canonical(text))
            .map(|word| Value::Text((*word).to_owned())),
        Kind::Addresses => {
            let addresses: Vec<&str> = text.split(',').map(str::trim).collect();
            addresses.iter().all(|address| is_address(address)).then(|| Value::Text(addresses.join(",")))
        }
        Kind::Retry | Kind::Property => Some(Value::Text(text.to_owned())),
    }
}

/// Whether this is `host:port`; IPv6 addresses stand in brackets.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let host_is_one =
        !host.is_empty() && !host.contains(char::is_whitespace) && (bracketed || !host.contains(':'));
    host_is_one && port.parse::<u16>().is_ok_and(|port| port != 0)
}

/// The known key nearest to a written one, with the written listener's id put in.
pub(crate) fn nearest_key(written: &str) -> Option<String> {
    let id = written.split('.').nth(1).unwrap_or_default();
    let spelled = canonical(written);
    let known = KEYS.iter().filter(|key| !key.name.ends_with('*'));
    let known: Vec<(String, String)> =
        known.map(|key| key.name.replace("<id>", id)).map(|name| (canonical(&name), name)).collect();
    let found = nearest(&spelled, known.iter().map(|(canonical, _)| canonical.as_str()))?;
    known.iter().find(|(canonical, _)| canonical == found).map(|(_, name)| name.clone())
}
