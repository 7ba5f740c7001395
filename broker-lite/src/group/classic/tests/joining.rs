//! Joining: who is admitted, who is refused, and how the protocol is elected.

use super::*;

#[test]
fn a_first_join_is_handed_an_id_and_admitted_with_it() {
    check(
        "ask a; join a; sync a a=x; beat a",
        "a!be-a a:1[a] a:x a:ok",
    );
}

#[test]
fn old_clients_and_static_members_are_admitted_at_once() {
    check("new a", "a:1[a]");
    check("static a i", "a:1[a]");
}

#[test]
fn members_that_start_together_share_the_first_generation() {
    check(
        &format!("{PAIR} beat a; beat b"),
        &format!("{PAIR_SAYS} a:ok b:ok"),
    );
}

#[test]
fn a_pending_member_is_forgotten_after_its_session_timeout() {
    check("ask a; wait 10s; join a", "a!be-a a!UnknownMember");
    // Later rounds wait for it no longer than that.
    check_pair(
        "ask c; join a; join b; wait 9s; wait 1s",
        "c!be-c a:2[a,b] b:2",
    );
}

#[test]
fn a_joining_member_waits_until_all_have_joined_again() {
    check_pair(
        "ask c; join c; beat a; beat b; join b; join a; sync a a=1,b=2,c=3; sync b; sync c",
        "c!be-c a!RebalanceInProgress b!RebalanceInProgress a:2[a,b,c] b:2 c:2 a:1 b:2 c:3",
    );
}

#[test]
fn who_does_not_join_again_within_the_rebalance_timeout_is_out() {
    // b sends heartbeats, so its session lives; it does not join.
    let beats = "beat b; wait 9s; ".repeat(7);
    let refused = "b!RebalanceInProgress ".repeat(7);
    check_pair(
        &format!("join a; {beats} beat b"),
        &format!("{} a:2[a] b!UnknownMember", refused.trim()),
    );
}

#[test]
fn a_follower_that_joins_again_unchanged_is_told_where_it_is() {
    check_pair("join b; beat a", "b:1 a:ok");
}

#[test]
fn a_changed_subscription_or_a_leader_that_joins_again_starts_a_rebalance() {
    check_pair("join b v=topics; beat a", "a!RebalanceInProgress");
    check_pair("join a; beat b", "b!RebalanceInProgress");
}

#[test]
fn a_join_answer_lost_on_the_way_is_given_again_before_the_sync() {
    check("new a; join a; sync a a=x", "a:1[a] a:1[a] a:x");
    check("new a; join a v=other; sync a a=x g=2", "a:1[a] a:2[a] a:x");
}

#[test]
fn a_join_or_sync_sent_again_on_a_new_connection_takes_the_place_of_the_first() {
    check_pair(
        "join a; join a; join b",
        "a!RebalanceInProgress a:2[a,b] b:2",
    );
    check(
        "ask a; ask b; join a; join b; sync b; sync b; sync a b=y",
        "a!be-a b!be-b a:1[a,b] b:1 b!RebalanceInProgress a: b:y",
    );
}

#[test]
fn a_first_join_is_given_up_after_five_minutes() {
    let settings = GroupSettings {
        initial_rebalance_delay: Duration::from_mins(6),
        ..settings()
    };
    check_with(
        settings,
        "new a rebalance=10m; wait 299s; wait 1s",
        "a!UnknownMember",
    );
}

#[test]
fn a_pending_member_can_leave_and_nobody_waits_for_it_any_longer() {
    check_pair(
        "ask c; join a; join b; leave c",
        "c!be-c c:gone a:2[a,b] b:2",
    );
}

#[test]
fn the_members_vote_among_the_protocols_all_of_them_support() {
    check(
        "new a p=range+sticky; new b p=sticky+range; join a p=range+sticky",
        "a:1[a] a:2[a,b] b:2",
    );
    check(
        "new a p=range+sticky; new b p=sticky; join a p=range+sticky",
        "a:1[a] a:2[a,b]sticky b:2sticky",
    );
    check(
        "new a p=range+sticky; new b p=sticky+range; new c p=sticky+range; join a p=range+sticky",
        "a:1[a] a:2[a,b,c]sticky b:2sticky c:2sticky",
    );
}

#[test]
fn a_member_without_a_common_protocol_is_refused() {
    let refused = "b!InconsistentProtocol";
    check("new a; new b p=sticky", &format!("a:1[a] {refused}"));
    check("new a; new b type=connect", &format!("a:1[a] {refused}"));
    check("new b p=", refused);
    check("new b type=", refused);
}

#[test]
fn a_session_timeout_outside_the_brokers_range_is_refused() {
    check("new a session=5s", "a!InvalidSessionTimeout");
    check("new a session=31m", "a!InvalidSessionTimeout");
    check(
        "new a session=6s; new b session=30m; join a",
        "a:1[a] a:2[a,b] b:2",
    );
}

#[test]
fn a_full_group_takes_nobody_else() {
    let settings = GroupSettings {
        max_size: 2,
        ..settings()
    };
    check_with(
        settings,
        "ask a; ask b; join a; join b; new c",
        "a!be-a b!be-b a:1[a,b] b:1 c!GroupFull",
    );
    check_with(
        settings,
        "new a; new b; new c; join a",
        "a:1[a] a!GroupFull",
    );
}

#[test]
fn the_initial_delay_gathers_members_and_grows_while_more_come() {
    let settings = GroupSettings {
        initial_rebalance_delay: Duration::from_secs(3),
        ..settings()
    };
    check_with(
        settings,
        "new a; wait 2s; new b; wait 2s; wait 1s; wait 1s",
        "a:1[a,b] b:1",
    );
    check_with(settings, "new a; wait 2s; wait 1s; beat a", "a:1[a] a:ok");
    check_with(
        settings,
        "new a rebalance=5s; wait 2s; new b rebalance=5s; wait 2s; new c; wait 1s; beat a",
        "a:1[a,b,c] b:1 c:1 a:ok",
    );
}
