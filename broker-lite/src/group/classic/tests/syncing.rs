//! Assignments: who waits for them, and what happens to a leader that brings none.

use super::*;

#[test]
fn followers_wait_for_the_leaders_assignment_and_the_unassigned_get_empty_bytes() {
    check(
        "ask a; ask b; join a; join b; sync b; sync a a=x",
        "a!be-a b!be-b a:1[a,b] b:1 a:x b:",
    );
}

#[test]
fn a_rebalance_sends_waiting_syncs_back_to_join() {
    check(
        "ask a; ask b; join a; join b; sync b; new c; beat b; sync a",
        "a!be-a b!be-b a:1[a,b] b:1 b!RebalanceInProgress b!RebalanceInProgress a!RebalanceInProgress",
    );
}

#[test]
fn a_leader_that_never_assigns_is_removed_and_its_followers_join_again() {
    check(
        "ask a session=30m; ask b; join a session=30m; join b; sync b; wait 60s; beat b; join b",
        "a!be-a b!be-b a:1[a,b] b:1 b!RebalanceInProgress b!RebalanceInProgress b:2[b]",
    );
}

#[test]
fn a_follower_that_never_fetches_its_assignment_is_removed() {
    check(
        "ask a session=30m; ask b session=30m; join a session=30m; join b session=30m; sync a a=x; wait 60s; beat a; beat b",
        "a!be-a b!be-b a:1[a,b] b:1 a:x a!RebalanceInProgress b!UnknownMember",
    );
}
