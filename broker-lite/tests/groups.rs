//! Consumer groups as librdkafka sees them.
//!
//! A static member that is dropped says no farewell to the coordinator, so here it stands for a
//! member that crashes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "helpers of tests fail the way tests do, and a test's deadline is on the real clock"
)]

#[path = "groups/members.rs"]
mod members;
#[path = "wire/process.rs"]
#[expect(dead_code, reason = "a broker is only started and killed here")]
mod process;

use broker_lite::{Broker, BrokerHandle};
use futures::executor::block_on;
use members::{Crew, Member, committed, partitions, produce};
use process::Process;
use rdkafka::Offset;
use rdkafka::consumer::{CommitMode, Consumer};

const TOPIC: &str = "orders";
const PARTITIONS: i32 = 4;

fn broker() -> BrokerHandle {
    let broker = Broker::builder()
        .topic(TOPIC, PARTITIONS)
        .set("group.min.session.timeout.ms", "1000");
    block_on(broker.start()).unwrap()
}

#[test]
fn two_members_share_the_partitions_and_read_each_record_once() {
    let broker = broker();
    let mut crew = Crew::new([
        Member::join(broker.bootstrap(), &[]),
        Member::join(broker.bootstrap(), &[]),
    ]);
    crew.until("each has two partitions", |crew| crew.shares() == [2, 2]);
    assert_eq!(crew.all_partitions(), partitions(0..PARTITIONS));

    produce(broker.bootstrap(), 100);
    crew.until("everything is read", |crew| crew.records() >= 100);
    assert_eq!(crew.distinct_records(), 100);
    assert!(
        crew.members.iter().all(|member| !member.records.is_empty()),
        "both have work to do"
    );
}

/// A busy machine may keep one of them away for longer than the others wait, hence more than one
/// try.
#[test]
fn members_that_start_together_are_balanced_by_one_rebalance() {
    let broker = broker();
    let starts = ["first", "second", "third", "fourth", "fifth"].map(|group| {
        let settings = [
            ("group.id", group),
            ("partition.assignment.strategy", "cooperative-sticky"),
        ];
        let member = || Member::join(broker.bootstrap(), &settings);
        let mut crew = Crew::new([member(), member()]);
        crew.until("each has two partitions", |crew| crew.shares() == [2, 2]);
        crew.members
            .iter()
            .map(Member::rebalances)
            .collect::<Vec<_>>()
    });
    assert!(
        starts.iter().any(|rebalances| rebalances == &[1, 1]),
        "{starts:?}"
    );
}

#[test]
fn clients_of_either_family_are_served_by_a_broker_that_listens_everywhere() {
    let builder = Broker::builder()
        .topic(TOPIC, PARTITIONS)
        .listen("PLAINTEXT://:0");
    let broker = block_on(builder.start()).unwrap();
    let port = broker.addr().port();
    let has_newer = std::net::TcpListener::bind("[::1]:0").is_ok();
    for (bootstrap, there) in [
        (format!("127.0.0.1:{port}"), true),
        (format!("[::1]:{port}"), has_newer),
    ] {
        if there {
            produce(&bootstrap, 10);
            let mut crew = Crew::new([Member::join(&bootstrap, &[("group.id", &bootstrap)])]);
            crew.until("it has read what is there", |crew| crew.records() >= 10);
        }
    }
}

#[test]
fn two_groups_each_see_everything() {
    let broker = broker();
    produce(broker.bootstrap(), 50);
    let other = Member::join(broker.bootstrap(), &[("group.id", "other")]);
    let mut crew = Crew::new([Member::join(broker.bootstrap(), &[]), other]);
    crew.until("both have read everything", |crew| {
        crew.members.iter().all(|member| member.records.len() == 50)
    });
}

#[test]
fn a_member_that_leaves_hands_its_partitions_to_the_other() {
    let broker = broker();
    let mut crew = Crew::new([
        Member::join(broker.bootstrap(), &[]),
        Member::join(broker.bootstrap(), &[]),
    ]);
    crew.until("each has two partitions", |crew| crew.shares() == [2, 2]);
    crew.members.pop();
    crew.until("the one that stays has all", |crew| crew.shares() == [4]);
}

#[test]
fn a_member_that_crashes_loses_its_partitions_after_its_session_timeout() {
    let broker = broker();
    let short = [
        ("session.timeout.ms", "1500"),
        ("heartbeat.interval.ms", "300"),
    ];
    let crashing = [short[0], short[1], ("group.instance.id", "crashing")];
    let mut crew = Crew::new([
        Member::join(broker.bootstrap(), &short),
        Member::join(broker.bootstrap(), &crashing),
    ]);
    crew.until("each has two partitions", |crew| crew.shares() == [2, 2]);
    crew.members.pop();
    crew.until("the survivor has all", |crew| crew.shares() == [4]);
}

#[test]
fn a_static_member_that_comes_back_gets_its_partitions_without_a_rebalance() {
    let broker = broker();
    let join = |name| Member::join(broker.bootstrap(), &[("group.instance.id", name)]);
    let mut crew = Crew::new([join("one"), join("two")]);
    crew.until("each has two partitions", |crew| crew.shares() == [2, 2]);
    let before = crew.members[1].assignment();
    let rebalances = crew.members[0].rebalances();

    crew.members.pop();
    crew.members.push(join("two"));
    crew.until("it is back", |crew| crew.shares() == [2, 2]);
    assert_eq!(crew.members[1].assignment(), before);
    assert_eq!(
        crew.members[0].rebalances(),
        rebalances,
        "the other was not disturbed"
    );
}

#[test]
fn a_cooperative_rebalance_takes_away_only_what_moves() {
    let broker = broker();
    let join = || {
        let sticky = ("partition.assignment.strategy", "cooperative-sticky");
        Member::join(
            broker.bootstrap(),
            &[sticky, ("heartbeat.interval.ms", "300")],
        )
    };
    let mut crew = Crew::new([join()]);
    crew.until("the first has all", |crew| crew.shares() == [4]);

    crew.members.push(join());
    let mut least = PARTITIONS;
    crew.until("each has two partitions", |crew| {
        least = least.min(i32::try_from(crew.shares()[0]).unwrap());
        crew.shares() == [2, 2]
    });
    assert_eq!(least, 2, "the first kept what it keeps all the time");
    assert_eq!(crew.all_partitions(), partitions(0..PARTITIONS));
}

#[test]
fn what_was_never_committed_has_no_offset_and_notes_come_back() {
    let broker = broker();
    let mut crew = Crew::new([Member::join(broker.bootstrap(), &[])]);
    crew.until("it has all", |crew| crew.shares() == [4]);
    let consumer = &crew.members[0].consumer;
    assert_eq!(committed(consumer, TOPIC, 0), Offset::Invalid);

    let mut offsets = rdkafka::TopicPartitionList::new();
    offsets
        .add_partition_offset(TOPIC, 1, Offset::Offset(7))
        .unwrap();
    offsets
        .find_partition(TOPIC, 1)
        .unwrap()
        .set_metadata("half way");
    consumer.commit(&offsets, CommitMode::Sync).unwrap();
    assert_eq!(committed(consumer, TOPIC, 1), Offset::Offset(7));
    let all = consumer.committed(members::TIMEOUT).unwrap();
    assert_eq!(all.find_partition(TOPIC, 1).unwrap().metadata(), "half way");
}

#[test]
fn offsets_are_there_after_the_broker_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let topic = format!("{TOPIC}:{PARTITIONS}");
    let arguments = [
        "--topic",
        &topic,
        "--data-dir",
        folder.path().to_str().unwrap(),
    ];
    let mut broker = Process::start(&arguments);
    let address = broker.address().to_string();
    produce(&address, 100);
    let mut crew = Crew::new([Member::join(&address, &[("enable.auto.commit", "false")])]);
    crew.until("everything is read", |crew| crew.records() == 100);
    crew.members[0]
        .consumer
        .commit_consumer_state(CommitMode::Sync)
        .unwrap();
    broker.kill();
    drop(crew);

    let broker = Process::start(&arguments);
    let address = broker.address().to_string();
    produce(&address, 10);
    // The dead member is still in the group; a session timeout later the new one is alone.
    let mut crew = Crew::new([Member::join(&address, &[])]);
    crew.until("the new records are read", |crew| crew.records() >= 10);
    assert_eq!(crew.records(), 10, "nothing is read twice");
    let member = &crew.members[0].consumer;
    let ends: i64 = (0..PARTITIONS)
        .filter_map(|one| committed(member, TOPIC, one).to_raw())
        .sum();
    assert!(ends >= 100, "what was committed is still committed: {ends}");
}
