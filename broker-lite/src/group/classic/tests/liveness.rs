//! Sessions, departures, and the requests of those who are no members.

use super::*;

#[test]
fn an_unknown_member_is_told_so_whatever_it_asks() {
    let unknown = "x!UnknownMember";
    check_pair(
        "join x; sync x; beat x; commit x; leave x",
        &[unknown; 5].join(" "),
    );
    check("join x; beat x; sync x; leave x", &[unknown; 4].join(" "));
}

#[test]
fn another_generation_is_refused() {
    let illegal = "a!IllegalGeneration";
    check_pair(
        "sync a g=0; beat a g=0; commit a g=0; beat a g=7",
        &[illegal; 4].join(" "),
    );
}

#[test]
fn a_silent_member_is_removed_and_the_others_are_told() {
    check_pair(
        "wait 9s; beat a; wait 1s; beat a; join a; beat b; sync a a=xy",
        "a:ok a!RebalanceInProgress a:2[a] b!UnknownMember a:xy",
    );
}

#[test]
fn a_commit_is_a_sign_of_life() {
    check_pair(
        "wait 9s; beat a; commit b; wait 9s; beat b",
        "a:ok b:ok b:ok",
    );
}

#[test]
fn members_that_wait_for_others_are_not_silent() {
    check_pair(
        "join a; wait 9s; beat b; wait 9s; beat b; join b",
        "b!RebalanceInProgress b!RebalanceInProgress a:2[a,b] b:2",
    );
}

#[test]
fn leaving_starts_a_rebalance_and_the_last_one_empties_the_group() {
    check_pair(
        "leave b; beat a; join a; leave a; beat a; new c",
        "b:gone a!RebalanceInProgress a:2[a] a:gone a!UnknownMember c:4[c]",
    );
}

#[test]
fn several_can_leave_at_once_and_each_gets_an_answer() {
    check_pair("leave x b a; new c", "x!UnknownMember:gone:gone c:3[c]");
}

#[test]
fn a_member_that_leaves_while_its_join_waits_is_answered() {
    check_pair("join a; leave a; join b", "a!UnknownMember a:gone b:2[b]");
}

#[test]
fn another_leader_takes_over_when_the_leader_leaves() {
    check_pair("leave a; join b; sync b b=xy", "a:gone b:2[b] b:xy");
}

#[test]
fn commits_follow_the_state_of_the_group() {
    // Outside any group: only while nobody is in.
    check("commit  g=-1", "g=-1:ok");
    check_pair(
        "commit x g=-1; commit a; commit a g=0",
        "x!UnknownMember a:ok a!IllegalGeneration",
    );
    check(
        "new a; commit a; sync a a=x; commit a",
        "a:1[a] a!RebalanceInProgress a:x a:ok",
    );
    // While members join, those of the last generation may still commit.
    check_pair("new c; commit a; commit b", "a:ok b:ok");
}
