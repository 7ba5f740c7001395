//! Which assignor a generation uses.
//!
//! Candidates are the protocols that every member supports. Each member votes for the candidate it listed first;
//! most votes win. Kafka leaves ties to chance; here the first member's order decides, so that tests can tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::Protocol;
use super::member::Member;
use crate::group::ids::MemberId;

/// The elected protocol, or `None` if there is no member or nothing in common.
pub(super) fn elect(members: &BTreeMap<MemberId, Member>) -> Option<Arc<str>> {
    let candidates = common(members);
    let votes = |candidate: &Arc<str>| {
        members
            .values()
            .filter(|member| {
                let choice = member.protocols.iter().map(|p| &p.name).find(|name| candidates.contains(name));
                choice == Some(candidate)
            })
            .count()
    };
    // `max_by_key` keeps the last of equals; reversed, the first in the first member's order wins.
    candidates.iter().rev().max_by_key(|candidate| votes(candidate)).cloned()
}

/// Whether a member with these protocols can join: it shares one that everybody has.
pub(super) fn is_compatible(members: &BTreeMap<MemberId, Member>, protocols: &[Protocol]) -> bool {
    if members.is_empty() {
        return !protocols.is_empty();
    }
    let candidates = common(members);
    protocols.iter().any(|protocol| candidates.contains(&protocol.name))
}

fn common(members: &BTreeMap<MemberId, Member>) -> Vec<Arc<str>> {
    let Some(first) = members.values().next() else { return Vec::new() };
    let mut names: Vec<Arc<str>> = first.protocols.iter().map(|protocol| protocol.name.clone()).collect();
    names.retain(|name| members.values().all(|member| member.supports(name)));
    names
}
