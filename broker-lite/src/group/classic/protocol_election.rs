//! The election of a generation's assignor.
//!
//! Candidates are the protocols that every member supports. Each member votes for the candidate it
//! listed first, and the most votes win. Kafka leaves ties to chance; here the first member's order
//! decides, so that the result is predictable.
//!
//! Names are looked up in sets, never searched for in lists: a member may list as many as fit into
//! a request.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::member::Member;
use super::request::AssignorProtocol;
use crate::group::ids::MemberId;

/// Returns the elected protocol, or `None` if there is no member or nothing in common.
pub(super) fn elect(members: &BTreeMap<MemberId, Member>) -> Option<Arc<str>> {
    let candidates = common(members);
    let candidate_names: HashSet<&str> = candidates.iter().copied().collect();
    let mut votes: HashMap<&str, usize> = HashMap::new();
    for member in members.values() {
        if let Some(choice) = names(&member.protocols).find(|name| candidate_names.contains(name)) {
            *votes.entry(choice).or_default() += 1;
        }
    }
    // `max_by_key` keeps the last of equals; reversed, the first in the first member's order wins.
    candidates
        .iter()
        .rev()
        .max_by_key(|name| votes.get(*name))
        .map(|name| Arc::from(*name))
}

/// Whether a member with these protocols can join: it shares one that everybody has.
pub(super) fn is_compatible(
    members: &BTreeMap<MemberId, Member>,
    protocols: &[AssignorProtocol],
) -> bool {
    if members.is_empty() {
        return !protocols.is_empty();
    }
    let candidates: HashSet<&str> = common(members).into_iter().collect();
    names(protocols).any(|name| candidates.contains(name))
}

/// Returns the protocols that every member supports, in the first one's order.
fn common(members: &BTreeMap<MemberId, Member>) -> Vec<&str> {
    let mut members = members.values();
    let Some(first) = members.next() else {
        return Vec::new();
    };
    members.fold(names(&first.protocols).collect(), |mut common, member| {
        let supported: HashSet<&str> = names(&member.protocols).collect();
        common.retain(|name| supported.contains(name));
        common
    })
}

fn names(protocols: &[AssignorProtocol]) -> impl Iterator<Item = &str> {
    protocols.iter().map(|protocol| &*protocol.name)
}
