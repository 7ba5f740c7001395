//! Random lives of groups, and what must hold in each of them.
//!
//! A seeded crowd of clients joins, syncs, falls silent, leaves and comes back, in any order that a
//! network can make of it. After each event: no request is answered twice or dropped; in one
//! generation one member leads and every member is given one assignment. At the end all go silent,
//! and then no request may be left open.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::config::{Config, GroupSettings, Settings};
use crate::group::classic::open_requests::{OpenRequests, Told};
use crate::group::error::GroupError;
use crate::group::ids::{Generation, InstanceId, MemberId};
use crate::group::reply::Effects;
use crate::runtime::Clock;

const CLIENTS: usize = 4;

/// The next step of a client. It knows the answers it got, and a stale message is as likely as a
/// good one.
#[derive(Debug, Clone)]
enum Act {
    Join {
        client: usize,
        first: bool,
        new_metadata: bool,
    },
    Sync {
        client: usize,
    },
    Heartbeat {
        client: usize,
    },
    Leave {
        client: usize,
    },
    Announce {
        client: u16,
    },
    Wait {
        millis: u64,
    },
    Restart,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let client = || 0..CLIENTS;
    let act = prop_oneof![
        6 => (client(), prop::bool::weighted(0.2), prop::bool::weighted(0.2))
            .prop_map(|(client, first, new_metadata)| Act::Join { client, first, new_metadata }),
        6 => client().prop_map(|client| Act::Sync { client }),
        3 => client().prop_map(|client| Act::Heartbeat { client }),
        1 => client().prop_map(|client| Act::Leave { client }),
        1 => (0_u16..4).prop_map(|client| Act::Announce { client }),
        3 => (0_u64..15_000).prop_map(|millis| Act::Wait { millis }),
        1 => Just(Act::Restart),
    ];
    prop::collection::vec(act, 1..120)
}

/// A client as it sees itself. The last one is a static member.
#[derive(Debug, Default, Clone)]
struct View {
    member: Option<MemberId>,
    generation: Option<Generation>,
    leads: Vec<MemberId>,
    metadata: u8,
}

fn settings() -> GroupSettings {
    Config::resolve(Settings::new()).unwrap().groups
}

struct World {
    group: ClassicGroup,
    now: Instant,
    requests: usize,
    open: OpenRequests<usize>,
    views: Vec<View>,
    leaders: BTreeMap<Generation, MemberId>,
    shares: HashMap<(Generation, MemberId), Bytes>,
}

impl World {
    fn new() -> Self {
        Self {
            group: ClassicGroup::new(settings()),
            now: Clock::new().now(),
            requests: 0,
            open: OpenRequests::new(),
            views: vec![View::default(); CLIENTS],
            leaders: BTreeMap::new(),
            shares: HashMap::new(),
        }
    }

    fn act(&mut self, act: &Act) {
        let request = match *act {
            Act::Join {
                client,
                first,
                new_metadata,
            } => self.join(client, first, new_metadata),
            Act::Sync { client } => self.sync(client),
            Act::Heartbeat { client } => {
                let generation = self.views[client].generation.unwrap_or(Generation(-1));
                let reply = self.open.heartbeat(client);
                Request::Heartbeat(generation, self.caller(client), reply)
            }
            Act::Leave { client } => {
                Request::Leave(vec![self.caller(client)], self.open.leave(client))
            }
            Act::Announce { client } => Request::Announce(ArrivingClient {
                id: if client < 2 {
                    "rdkafka".into()
                } else {
                    "model".into()
                },
                from: ([127, 0, 0, 1], client).into(),
            }),
            Act::Wait { millis } => return self.wait(Duration::from_millis(millis)),
            Act::Restart => return self.restart(),
        };
        let effects = self.group.on(request, self.now);
        self.deliver(effects);
    }

    fn join(&mut self, client: usize, first: bool, new_metadata: bool) -> Request {
        let view = &mut self.views[client];
        view.metadata += u8::from(new_metadata);
        if first {
            view.member = None;
        }
        self.requests += 1;
        let metadata = Bytes::copy_from_slice(&[self.views[client].metadata]);
        let join = JoinRequest {
            caller: self.caller(client),
            fresh: format!("{client}-{}", self.requests).into(),
            client: Client {
                id: "model".into(),
                host: "/127.0.0.1".into(),
            },
            session_timeout: Duration::from_secs(10),
            rebalance_timeout: Duration::from_secs(20),
            protocol_type: "consumer".into(),
            protocols: vec![AssignorProtocol {
                name: "range".into(),
                metadata,
            }],
            first_join: FirstJoin::HandOutId,
            leader_return: LeaderReturn::PoseAsFollower,
        };
        Request::Join(Box::new(join), self.open.join(client))
    }

    fn sync(&mut self, client: usize) -> Request {
        // Each sync brings other assignments, so that a mix-up of two shows.
        self.requests += 1;
        let (view, count) = (&self.views[client], self.requests);
        let share = |member: &MemberId| {
            let share = Bytes::from(format!("{member} by {count}"));
            (member.clone(), share)
        };
        let sync = SyncRequest {
            caller: self.caller(client),
            generation: view.generation.unwrap_or(Generation(-1)),
            protocol_type: None,
            protocol: None,
            assignments: view.leads.iter().map(share).collect(),
        };
        Request::Sync(sync, self.open.sync(client))
    }

    fn caller(&self, client: usize) -> Caller {
        let is_static = client == CLIENTS - 1;
        Caller {
            member: self.views[client]
                .member
                .clone()
                .unwrap_or_else(|| "".into()),
            instance: is_static.then(|| InstanceId::from("static")),
        }
    }

    fn wait(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(due) = self.group.deadline().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            let effects = self.group.tick(self.now);
            self.deliver(effects);
            assert!(
                self.group.deadline().is_none_or(|next| next > self.now),
                "a tick leaves nothing overdue"
            );
        }
        self.now = end;
    }

    /// Connections are cut: nobody waits for an answer any longer.
    fn restart(&mut self) {
        self.open.clear();
        self.leaders.clear();
        self.shares.clear();
        self.group = ClassicGroup::restore(self.group.snapshot(), settings(), self.now);
        // Undecided generations are forgotten with their members; in this model they keep their
        // number.
        self.views = vec![View::default(); CLIENTS];
    }

    fn deliver(&mut self, effects: Effects) {
        for answer in effects.answers {
            let (client, told) = self.open.deliver(answer);
            match told {
                Told::Join(Ok(joined)) => self.on_joined(client, joined),
                Told::Join(Err(GroupError::MemberIdRequired(id))) => {
                    self.views[client].member = Some(id);
                }
                Told::Join(Err(_)) => self.views[client] = View::default(),
                Told::Sync(Ok(synced)) => self.on_synced(client, synced.assignment),
                Told::Sync(Err(_)) | Told::Heartbeat(_) | Told::Leave(_) => {}
            }
        }
    }

    fn on_joined(&mut self, client: usize, joined: Joined) {
        let members: Vec<MemberId> = joined
            .members
            .iter()
            .map(|peer| peer.member.clone())
            .collect();
        let unique: HashSet<&MemberId> = members.iter().collect();
        assert_eq!(unique.len(), members.len(), "nobody is in a group twice");
        if !members.is_empty() {
            assert_eq!(
                joined.leader, joined.member,
                "only the leader sees the others"
            );
            let leader = self
                .leaders
                .entry(joined.generation)
                .or_insert_with(|| joined.member.clone());
            assert_eq!(
                *leader, joined.member,
                "generation {:?} has two leaders",
                joined.generation
            );
        }
        let view = &mut self.views[client];
        view.member = Some(joined.member);
        view.generation = Some(joined.generation);
        view.leads = members;
    }

    fn on_synced(&mut self, client: usize, assignment: Bytes) {
        let view = &self.views[client];
        let (Some(member), Some(generation)) = (view.member.clone(), view.generation) else {
            return;
        };
        let first = self
            .shares
            .entry((generation, member))
            .or_insert_with(|| assignment.clone());
        assert_eq!(*first, assignment, "one assignment for each generation");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_answered_once_and_a_generation_has_one_leader_and_one_assignment(acts in acts()) {
        let mut world = World::new();
        for act in &acts {
            world.act(act);
        }
        // Everyone falls silent. A first join is the last to be given up, after five minutes.
        world.wait(Duration::from_mins(20));
        prop_assert!(world.open.is_empty(), "left waiting: {:?}", world.open);
        prop_assert!(world.group.is_empty(), "silent members keep no place");
    }
}
