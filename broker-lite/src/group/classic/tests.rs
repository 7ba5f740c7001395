//! The rules of the classic group, told as scripts.
//!
//! A script is a line of commands, `;` between them; the group's answers are listed in the order
//! they are given.
//!
//! | command | meaning |
//! | --- | --- |
//! | `new a` | first join of an old client, which becomes member `a` |
//! | `ask a` | first join of a new client, which is handed the id `a` |
//! | `join a` | join with the id `a` |
//! | `static a i` | first join with instance id `i`; the member becomes `a` |
//! | `find a` | a client asks for the coordinator |
//! | `sync a a=x,b=y` | sync, with the assignment if `a` leads |
//! | `beat a`, `commit a`, `leave a`, `leave /i` | as they say |
//! | `wait 5s` | time passes; the group's deadlines are kept |
//!
//! A share is any text, or `#01` for the partitions 0 and 1 as the consumer protocol writes them.
//!
//! Options: `id=…` gives a client id (librdkafka's own if not given), `as=i` adds an instance id,
//! `g=2` another generation, `p=range+sticky` the protocols (`range` if not given), `v=…` the
//! subscription's text, `own=…` a subscription with these partitions of one topic, `session=…` and
//! `rebalance=…` the timeouts (10 s and 60 s), `v9` JoinGroup 9.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::*;
use crate::group::error::GroupError;
use crate::group::ids::{Generation, InstanceId, MemberId};
use crate::runtime::Clock;

#[track_caller]
fn check(script: &str, expected: &str) {
    check_with(Settings::default(), script, expected);
}

#[track_caller]
fn check_with(settings: Settings, script: &str, expected: &str) {
    let mut stage = Stage::new(settings);
    for line in script
        .split(';')
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        stage.play(line);
    }
    assert_eq!(
        stage.log.join(" "),
        expected.split_whitespace().collect::<Vec<_>>().join(" "),
        "{script}"
    );
}

struct Stage {
    group: ClassicGroup,
    now: Instant,
    names: HashMap<Ticket, String>,
    log: Vec<String>,
}

impl Stage {
    fn new(settings: Settings) -> Self {
        let group = ClassicGroup::new(settings);
        Self {
            group,
            now: Clock::new().now(),
            names: HashMap::new(),
            log: Vec::new(),
        }
    }

    fn play(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (verb, name) = (words[0], words[1]);
        let option = |key: &str| {
            words
                .iter()
                .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
        };
        let instance = option("as").map(InstanceId::from);
        let caller = Caller {
            member: name.into(),
            instance,
        };
        let generation = option("g").map_or(self.group.generation, |text| {
            Generation(text.parse().unwrap())
        });
        let ticket = Ticket(u64::try_from(self.names.len()).unwrap());
        match verb {
            "wait" => return self.wait(span(name)),
            "restart" => {
                self.group =
                    ClassicGroup::restore(self.group.snapshot(), self.group.settings, self.now);
                return;
            }
            "commit" => {
                let answer = self.group.check_commit(generation, &caller, self.now);
                return self
                    .log
                    .push(format!("{name}{}", outcome(answer, |()| ":ok".into())));
            }
            _ => {}
        }
        self.names.insert(ticket, name.to_owned());
        let event = match verb {
            "new" | "ask" | "join" | "static" => Event::Join(ticket, Box::new(join(&words))),
            "sync" => Event::Sync(ticket, sync(caller, generation, words.get(2).copied())),
            "beat" => Event::Heartbeat(ticket, generation, caller),
            "find" => Event::Announce(Asking {
                id: option("id").unwrap_or("rdkafka").into(),
                from: ([127, 0, 0, 1], name.bytes().map(u16::from).sum()).into(),
            }),
            "leave" => Event::Leave(ticket, words[1..].iter().map(|word| leaver(word)).collect()),
            other => panic!("no such command: {other}"),
        };
        self.feed(event);
    }

    fn wait(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(due) = self.group.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.feed(Event::Tick);
        }
        self.now = end;
    }

    fn feed(&mut self, event: Event) {
        for (ticket, answer) in self.group.on(event, self.now).answers {
            let name = self.names[&ticket].clone();
            let said = match answer {
                Answer::Join(answer) => outcome(answer, |joined| membership(&joined)),
                Answer::Sync(answer) => {
                    outcome(answer, |synced| format!(":{}", text(&synced.assignment)))
                }
                Answer::Heartbeat(answer) => outcome(answer, |()| ":ok".into()),
                Answer::Leave(rows) => rows
                    .into_iter()
                    .map(|row| outcome(row, |()| ":gone".into()))
                    .collect(),
            };
            self.log.push(format!("{name}{said}"));
        }
    }
}

fn outcome<T>(answer: Result<T, GroupError>, show: impl FnOnce(T) -> String) -> String {
    match answer {
        Ok(value) => show(value),
        Err(GroupError::MemberIdRequired(id)) => format!("!be-{id}"),
        Err(error) => format!("!{error:?}"),
    }
}

/// `:2` for a follower of generation 2, `:2[a,b]` for the leader of `a` and `b`, with what differs
/// from the default.
fn membership(joined: &Joined) -> String {
    let peers: Vec<&str> = joined
        .members
        .iter()
        .map(|peer| peer.member.as_str())
        .collect();
    let peers = if peers.is_empty() {
        String::new()
    } else {
        format!("[{}]", peers.join(","))
    };
    let skip = if joined.skip_assignment { "skip" } else { "" };
    let protocol = joined
        .protocol
        .as_deref()
        .filter(|name| *name != "range")
        .unwrap_or_default();
    format!(":{}{peers}{skip}{protocol}", joined.generation.0)
}

fn join(words: &[&str]) -> Join {
    let option = |key: &str| {
        words
            .iter()
            .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    };
    let instance = if words[0] == "static" {
        Some(words[2])
    } else {
        option("as")
    };
    let metadata = match option("own") {
        Some(own) => [
            &[0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff][..],
            &of_one_topic(own),
        ]
        .concat()
        .into(),
        None => Bytes::from(option("v").unwrap_or_default().to_owned()),
    };
    let protocol = |name: &str| Protocol {
        name: name.into(),
        metadata: metadata.clone(),
    };
    Join {
        caller: Caller {
            member: if words[0] == "join" {
                words[1].into()
            } else {
                "".into()
            },
            instance: instance.map(InstanceId::from),
        },
        fresh: words[1].into(),
        client: Client {
            id: option("id").unwrap_or("rdkafka").into(),
            host: "/127.0.0.1".into(),
        },
        session_timeout: span(option("session").unwrap_or("10s")),
        rebalance_timeout: span(option("rebalance").unwrap_or("60s")),
        protocol_type: option("type").unwrap_or("consumer").into(),
        protocols: option("p")
            .unwrap_or("range")
            .split('+')
            .filter(|name| !name.is_empty())
            .map(protocol)
            .collect(),
        first_join: if words[0] == "ask" {
            FirstJoin::HandOutId
        } else {
            FirstJoin::Admit
        },
        leader_return: if words.contains(&"v9") {
            LeaderReturn::SkipAssignment
        } else {
            LeaderReturn::PoseAsFollower
        },
    }
}

fn sync(caller: Caller, generation: Generation, assignments: Option<&str>) -> Sync {
    let pairs = assignments
        .filter(|word| !word.starts_with("g=") && !word.starts_with("as="))
        .unwrap_or_default();
    let assignment = |pair: &str| {
        let (member, share) = pair.split_once('=').unwrap();
        let share = match share.strip_prefix('#') {
            Some(digits) => [&[0, 0][..], &of_one_topic(digits)].concat().into(),
            None => Bytes::from(share.to_owned()),
        };
        (MemberId::from(member), share)
    };
    Sync {
        caller,
        generation,
        protocol_type: None,
        protocol: None,
        assignments: pairs
            .split(',')
            .filter(|pair| !pair.is_empty())
            .map(assignment)
            .collect(),
    }
}

fn leaver(word: &str) -> Leaver {
    let (member, instance) = word
        .split_once('/')
        .map_or((word, None), |(member, instance)| (member, Some(instance)));
    Caller {
        member: member.into(),
        instance: instance.map(InstanceId::from),
    }
}

fn span(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap());
    let number = number.parse().unwrap();
    match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_mins(number),
        other => panic!("no such unit: {other}"),
    }
}

/// A list of one topic's partitions, one digit each, as the consumer protocol writes it.
fn of_one_topic(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().map(|digit| digit - b'0').collect();
    let count = u8::try_from(digits.len()).unwrap();
    let partitions = digits.iter().flat_map(|digit| [0, 0, 0, *digit]);
    [0, 0, 0, 1, 0, 1, b't', 0, 0, 0, count]
        .into_iter()
        .chain(partitions)
        .collect()
}

/// A share as a script writes it: any text, or `#01` for partitions of one topic.
fn text(share: &Bytes) -> String {
    match share.strip_prefix(&[0, 0][..]) {
        Some(list) => list[11..].chunks(4).fold("#".into(), |text, partition| {
            format!("{text}{}", partition[3])
        }),
        None => String::from_utf8(share.to_vec()).unwrap(),
    }
}

/// Two members, `a` leads, generation 1, stable.
const PAIR: &str = "ask a; ask b; join a; join b; sync a a=x,b=y; sync b;";
const PAIR_SAYS: &str = "a!be-a b!be-b a:1[a,b] b:1 a:x b:y";

#[track_caller]
fn check_pair(script: &str, expected: &str) {
    check(
        &format!("{PAIR} {script}"),
        &format!("{PAIR_SAYS} {expected}"),
    );
}

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
fn a_first_join_is_given_up_after_five_minutes() {
    let settings = Settings {
        initial_rebalance_delay: Duration::from_mins(6),
        ..Settings::default()
    };
    check_with(
        settings,
        "new a rebalance=10m; wait 299s; wait 1s",
        "a!UnknownMember",
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
fn a_pending_member_can_leave_and_nobody_waits_for_it_any_longer() {
    check_pair(
        "ask c; join a; join b; leave c",
        "c!be-c c:gone a:2[a,b] b:2",
    );
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
    let settings = Settings {
        max_size: 2,
        ..Settings::default()
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
    let settings = Settings {
        initial_rebalance_delay: Duration::from_secs(3),
        ..Settings::default()
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
    let mut stage = Stage::new(Settings::default());
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
