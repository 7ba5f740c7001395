//! The first round: an empty group waits for the clients that start together.

use super::*;

#[test]
fn the_first_round_does_not_wait_long_for_a_client_that_never_comes_back() {
    check(
        "ask ghost; ask a; join a; wait 99ms",
        "ghost!be-ghost a!be-a",
    );
    check(
        "ask ghost; ask a; join a; wait 100ms",
        "ghost!be-ghost a!be-a a:1[a]",
    );
}

#[test]
fn the_first_round_waits_for_clients_that_have_asked_for_the_coordinator() {
    let pair = "a!be-a b!be-b a:1[a,b] b:1";
    check(
        "find a; wait 1ms; find b; ask a; join a; wait 55ms; ask b; join b",
        pair,
    );
    // One of them never comes, and is given up a tenth of a second after it has asked.
    check(
        "find a; wait 1ms; find b; ask a; join a; wait 99ms",
        "a!be-a",
    );
    check(
        "find a; wait 1ms; find b; ask a; join a; wait 100ms",
        "a!be-a a:1[a]",
    );
    // Who asks again, on another connection or the same, is not waited for twice.
    check(
        "find a; wait 55ms; find a2; find a2; ask a; find a2; join a",
        "a!be-a a:1[a]",
    );
    check(
        "find a; wait 50ms; ask a; wait 2ms; find a2; join a",
        "a!be-a a:1[a]",
    );
    // One that is fast waits for those that have not even asked.
    check(
        "find a; ask a; join a; wait 54ms; find a2; find b; wait 1ms; ask b; join b",
        pair,
    );
    check("find a; ask a; join a; wait 54ms", "a!be-a");
    check("find a; ask a; join a; wait 55ms", "a!be-a a:1[a]");
    // One that is announced late is waited for as well.
    check(
        "find a; wait 50ms; find a2; find b; ask a; join a; wait 50ms; ask b; join b",
        pair,
    );
    check("find a; wait 40ms; ask a; join a; wait 1ms", "a!be-a");
    check(
        "find a; wait 40ms; ask a; join a; wait 2ms",
        "a!be-a a:1[a]",
    );
    // Long after that it may be somebody else.
    check(
        "find a; wait 100ms; find b; find c; ask b; join b",
        "b!be-b",
    );
    check("find a; wait 100ms; ask a; join a", "a!be-a a:1[a]");
}

#[test]
fn clients_with_ids_of_their_own_are_told_apart_by_these() {
    // One that may be the only one waits for nobody, however often it asks.
    check(
        "find a id=app; find a2 id=app; ask a id=app; find a3 id=app; join a id=app",
        "a!be-a a:1[a]",
    );
    let both = "find a id=app-0; find b id=app-1; ask a id=app-0; join a id=app-0; ask b id=app-1";
    check(
        &format!("{both}; join b id=app-1; wait 53ms"),
        "a!be-a b!be-b",
    );
    check(
        &format!("{both}; join b id=app-1; wait 55ms"),
        "a!be-a b!be-b a:1[a,b] b:1",
    );
    // One of several waits for those that have not asked yet, and two that ask for different
    // reasons for each other.
    let pair = "a!be-a b!be-b a:1[a,b] b:1";
    let late =
        "find a id=app-0; ask a id=app-0; join a id=app-0; wait 50ms; find b id=app-1; wait 20ms";
    check(&format!("{late}; ask b id=app-1; join b id=app-1"), pair);
    check(
        "find a id=x; find b id=y; ask a id=x; join a id=x; wait 99ms; ask b id=y; join b id=y",
        pair,
    );
    check(
        "find a id=x; find b id=y; ask a id=x; join a id=x; wait 100ms",
        "a!be-a a:1[a]",
    );
}

#[test]
fn a_group_that_has_members_waits_for_no_client_that_asks_for_the_coordinator() {
    check_pair("find c; find d; join a; join b", "a:2[a,b] b:2");
    check_pair(
        "find c; leave a b; find c; find d; ask c; join c",
        "a:gone:gone c!be-c",
    );
}
