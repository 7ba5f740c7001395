//! What is saved, and how a group continues after a restart.

use super::*;
use crate::group::reply::Reply;

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
    let mut saves = |request| stage.group.on(request, stage.now).save;
    let join = |line: &str| {
        let join = join(&line.split(' ').collect::<Vec<_>>());
        Request::Join(Box::new(join), Reply::channel().0)
    };
    let caller = || Caller {
        member: "a".into(),
        instance: None,
    };
    let generation = Generation(1);
    let sync = sync(caller(), generation, Some("a=x"));
    assert!(!saves(join("new a")));
    assert!(saves(Request::Sync(sync, Reply::channel().0)));
    let reply = Reply::channel().0;
    assert!(!saves(Request::Heartbeat(generation, caller(), reply)));
    assert!(saves(Request::Leave(vec![caller()], Reply::channel().0)));
}
