//! The scripts that tell the rules of the classic group, and the stage they are played on.
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

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::config::{Config, GroupSettings, Settings};
use crate::group::classic::open_requests::{OpenRequests, Told};
use crate::group::classic::*;
use crate::group::error::GroupError;
use crate::group::ids::{Generation, InstanceId, MemberId};
use crate::group::reply::Effects;
use crate::runtime::Clock;

/// The broker's defaults.
pub(super) fn settings() -> GroupSettings {
    Config::resolve(Settings::new()).unwrap().groups
}

#[track_caller]
pub(super) fn check(script: &str, expected: &str) {
    check_with(settings(), script, expected);
}

#[track_caller]
pub(super) fn check_with(settings: GroupSettings, script: &str, expected: &str) {
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

pub(super) struct Stage {
    pub(super) group: ClassicGroup,
    pub(super) now: Instant,
    open: OpenRequests<String>,
    log: Vec<String>,
}

impl Stage {
    pub(super) fn new(settings: GroupSettings) -> Self {
        let group = ClassicGroup::new(settings);
        Self {
            group,
            now: Clock::new().now(),
            open: OpenRequests::new(),
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
        match verb {
            "wait" => return self.wait(span(name)),
            "restart" => {
                self.open.clear();
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
        let (open, name) = (&mut self.open, name.to_owned());
        let request = match verb {
            "new" | "ask" | "join" | "static" => {
                Request::Join(Box::new(join(&words)), open.join(name))
            }
            "sync" => {
                let sync = sync(caller, generation, words.get(2).copied());
                Request::Sync(sync, open.sync(name))
            }
            "beat" => Request::Heartbeat(generation, caller, open.heartbeat(name)),
            "find" => Request::Announce(ArrivingClient {
                from: ([127, 0, 0, 1], name.bytes().map(u16::from).sum()).into(),
                id: option("id").unwrap_or("rdkafka").into(),
            }),
            "leave" => {
                let leavers = words[1..].iter().map(|word| leaver(word)).collect();
                Request::Leave(leavers, open.leave(name))
            }
            other => panic!("no such command: {other}"),
        };
        let effects = self.group.on(request, self.now);
        self.deliver(effects);
    }

    fn wait(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(due) = self.group.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            let effects = self.group.tick(self.now);
            self.deliver(effects);
        }
        self.now = end;
    }

    fn deliver(&mut self, effects: Effects) {
        for answer in effects.answers {
            let (name, told) = self.open.deliver(answer);
            let said = match told {
                Told::Join(answer) => outcome(answer, |joined| membership(&joined)),
                Told::Sync(answer) => {
                    outcome(answer, |synced| format!(":{}", text(&synced.assignment)))
                }
                Told::Heartbeat(answer) => outcome(answer, |()| ":ok".into()),
                Told::Leave(rows) => rows
                    .unwrap()
                    .into_iter()
                    .map(|row| outcome(row, |()| ":gone".into()))
                    .collect(),
            };
            self.log.push(format!("{name}{said}"));
        }
    }
}

pub(super) fn outcome<T>(answer: Result<T, GroupError>, show: impl FnOnce(T) -> String) -> String {
    match answer {
        Ok(value) => show(value),
        Err(GroupError::MemberIdRequired(id)) => format!("!be-{id}"),
        Err(error) => format!("!{error:?}"),
    }
}

/// `:2` for a follower of generation 2, `:2[a,b]` for the leader of `a` and `b`, with what differs
/// from the default.
pub(super) fn membership(joined: &Joined) -> String {
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

pub(super) fn join(words: &[&str]) -> JoinRequest {
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
    let protocol = |name: &str| AssignorProtocol {
        name: name.into(),
        metadata: metadata.clone(),
    };
    JoinRequest {
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

pub(super) fn sync(
    caller: Caller,
    generation: Generation,
    assignments: Option<&str>,
) -> SyncRequest {
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
    SyncRequest {
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

pub(super) fn leaver(word: &str) -> Leaver {
    let (member, instance) = word
        .split_once('/')
        .map_or((word, None), |(member, instance)| (member, Some(instance)));
    Caller {
        member: member.into(),
        instance: instance.map(InstanceId::from),
    }
}

pub(super) fn span(text: &str) -> Duration {
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
pub(super) fn of_one_topic(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().map(|digit| digit - b'0').collect();
    let count = u8::try_from(digits.len()).unwrap();
    let partitions = digits.iter().flat_map(|digit| [0, 0, 0, *digit]);
    [0, 0, 0, 1, 0, 1, b't', 0, 0, 0, count]
        .into_iter()
        .chain(partitions)
        .collect()
}

/// A share as a script writes it: any text, or `#01` for partitions of one topic.
pub(super) fn text(share: &Bytes) -> String {
    match share.strip_prefix(&[0, 0][..]) {
        Some(list) => list[11..].chunks(4).fold("#".into(), |text, partition| {
            format!("{text}{}", partition[3])
        }),
        None => String::from_utf8(share.to_vec()).unwrap(),
    }
}

/// Two members, `a` leads, generation 1, stable.
pub(super) const PAIR: &str = "ask a; ask b; join a; join b; sync a a=x,b=y; sync b;";
pub(super) const PAIR_SAYS: &str = "a!be-a b!be-b a:1[a,b] b:1 a:x b:y";

#[track_caller]
pub(super) fn check_pair(script: &str, expected: &str) {
    check(
        &format!("{PAIR} {script}"),
        &format!("{PAIR_SAYS} {expected}"),
    );
}
