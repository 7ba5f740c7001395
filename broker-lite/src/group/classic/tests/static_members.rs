//! Static members (KIP-345): a name that outlives the process.

use super::*;

#[test]
fn a_static_member_that_comes_back_takes_its_place_without_a_rebalance() {
    let pair = "static a i; static b j; join a as=i; sync a a=x,b=y; sync b;";
    let says = "a:1[a] a:2[a,b] b:2 a:x b:y";
    // The follower, then the leader, whose older clients are told that the old leader leads.
    check(
        &format!("{pair} static b2 j; sync b2; beat a"),
        &format!("{says} b2:2 b2:y a:ok"),
    );
    check(
        &format!("{pair} static a2 i; sync a2; beat b"),
        &format!("{says} a2:2 a2:x b:ok"),
    );
    check(
        &format!("{pair} static a2 i v9; sync a2; beat b"),
        &format!("{says} a2:2[a2,b]skip a2:x b:ok"),
    );
}

#[test]
fn the_process_that_a_static_member_replaced_is_fenced_everywhere() {
    let fenced = ["a!FencedInstance"; 4].join(" ");
    check(
        "static a i; sync a a=x; static a2 i; beat a as=i; sync a as=i; commit a as=i; join a as=i; leave a/i; beat a",
        &format!("a:1[a] a:x a2:1 {fenced} a/i!FencedInstance a!UnknownMember"),
    );
}

#[test]
fn a_static_member_that_comes_back_with_other_protocols_starts_a_rebalance() {
    check(
        "static a i p=range+sticky; sync a a=x; static a2 i p=sticky",
        "a:1[a] a:x a2:2[a2]sticky",
    );
}

#[test]
fn a_static_member_that_comes_back_during_a_rebalance_fences_the_waiting_one() {
    check_pair(
        "static c i; static c2 i; join a; join b",
        "c!FencedInstance a:2[a,b,c2] b:2 c2:2",
    );
    check(
        "static a i; static b j; join a as=i; sync b; static b2 j; join a as=i; beat b as=j",
        "a:1[a] a:2[a,b] b:2 b!FencedInstance a:3[a,b2] b2:3 b!FencedInstance",
    );
}

#[test]
fn a_static_member_keeps_its_place_in_a_round_that_it_misses() {
    check(
        "static a i session=30m; static b j session=30m; join a as=i session=30m; sync a a=x,b=y; sync b; \
         join a as=i session=30m; wait 60s",
        "a:1[a] a:2[a,b] b:2 a:x b:y a:3[a,b]",
    );
}

#[test]
fn static_members_are_sent_away_by_instance_id() {
    check(
        "static a i; leave /i; leave /i; beat a",
        "a:1[a] /i:gone /i!UnknownMember a!UnknownMember",
    );
}
