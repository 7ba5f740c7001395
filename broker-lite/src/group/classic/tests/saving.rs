//! What is saved, and how a group continues after a restart.

use super::*;

#[test]
fn a_group_goes_on_where_it_was_after_a_restart() {
    check_pair(
        "restart now; beat a; commit b; sync b; ask c; join c; join a; join b",
        "a:ok b:ok b:y c!be-c a:2[a,b,c] b:2 c:2",
    );
    check_pair(
        "restart now; wait 9s; beat a; wait 1s; join a",
        "a:ok a:2[a]",
    );
    check_pair(
        "leave a b; restart now; beat a; new c",
        "a:gone:gone a!UnknownMember c:3[c]",
    );
}

#[test]
fn only_a_decided_assignment_or_an_empty_group_is_worth_saving() {
    let mut stage = Stage::new(settings());
    let mut saves = |event| {
        let fx = stage.group.on(event, stage.now);
        fx.save
    };
    let join = |line: &str| {
        Event::Join(
            Ticket(0),
            Box::new(join(&line.split(' ').collect::<Vec<_>>())),
        )
    };
    let caller = || Caller {
        member: "a".into(),
        instance: None,
    };
    assert!(!saves(join("new a")));
    assert!(saves(Event::Sync(
        Ticket(1),
        sync(caller(), Generation(1), Some("a=x"))
    )));
    assert!(!saves(Event::Heartbeat(Ticket(2), Generation(1), caller())));
    assert!(saves(Event::Leave(Ticket(3), vec![caller()])));
}
