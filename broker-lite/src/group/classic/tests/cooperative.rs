//! Cooperative rebalances: two rounds, and nobody waits for a heartbeat in between.

use super::*;

#[test]
fn a_cooperative_rebalance_is_two_rounds_and_nobody_is_lost_between_them() {
    check_pair(
        "ask c; join c; join a; join b; sync a a=x; sync b; sync c; join a v=less; join b; join c; sync a a=x,b=y,c=z; sync b; sync c",
        "c!be-c a:2[a,b,c] b:2 c:2 a:x b: c: a:3[a,b,c] b:3 c:3 a:x b:y c:z",
    );
}

/// A member `a` that has the partitions 0 and 1, one `b` that has none yet, and a leader that gives
/// each one of them.
const HANDING_OVER: &str = "ask a; join a own=01; sync a a=#01; ask b; join b own=; join a own=01;";
const HANDING_OVER_SAYS: &str = "a!be-a a:1[a] a:#01 b!be-b a:2[a,b] b:2";

#[track_caller]
fn check_handing_over(script: &str, expected: &str) {
    check(
        &format!("{HANDING_OVER} {script}"),
        &format!("{HANDING_OVER_SAYS} {expected}"),
    );
}

#[test]
fn who_gets_nothing_new_hears_of_the_second_round_instead_of_waiting_for_a_heartbeat() {
    let second = "a:#0 b!RebalanceInProgress a:3[a,b] b:3";
    check_handing_over("sync b; sync a a=#0,b=#; join a own=0; join b own=", second);
    check_handing_over("sync a a=#0,b=#; sync b; join a own=0; join b own=", second);
    // Meanwhile both are members in good standing.
    let quiet = "sync a a=#0,b=#; sync b; beat a; beat b; commit a; wait 199ms; beat b";
    check_handing_over(quiet, "a:#0 a:ok b:ok a:ok b:ok");
}

#[test]
fn a_second_round_that_does_not_come_is_not_waited_for_long() {
    check_handing_over(
        "sync a a=#0,b=#; sync b; wait 200ms; beat b",
        "a:#0 b:# b:ok",
    );
}

#[test]
fn who_gets_something_new_hears_of_it_at_once() {
    check_handing_over("sync a a=#0,b=#7; sync b", "a:#0 b:#7");
    check_handing_over("sync a a=#01,b=#; sync b", "a:#01 b:#");
}
