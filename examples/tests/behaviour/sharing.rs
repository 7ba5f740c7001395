//! Two instances share the partitions of both groups, and each group sees every event.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::instance::{Instance, archived, batch, until_holds};

#[test]
fn a_second_instance_takes_half_and_gives_it_back_when_it_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let first = Instance::start(folder.path());
    until_shared(&first, &[(&first, 4)]);
    let mut second = first.second(folder.path());
    until_shared(&first, &[(&first, 2), (&second, 2)]);
    until_shared(&second, &[(&first, 2), (&second, 2)]);

    // Many visitors, so that each partition has events of some.
    let post_all = |instance: &Instance, name: &str| {
        for visitor in 0..40 {
            instance.accept(&batch(&format!("{name}-{visitor}"), 5));
        }
    };
    post_all(&first, "before");
    post_all(&second, "beside");
    until_counted_and_archived(&[&first, &second], folder.path(), 400);

    second.kill();
    post_all(&first, "after");
    until_shared(&first, &[(&first, 4)]);
    until_counted_and_archived(&[&first], folder.path(), 600);
}

#[test]
fn an_instance_that_is_stopped_gives_its_half_back_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = Instance::start(folder.path());
    let second = first.second(folder.path());
    until_shared(&first, &[(&first, 2), (&second, 2)]);
    assert!(second.stop().success());
    until_shared(&first, &[(&first, 4)]);
}

/// Waits until each group has these members with so many partitions each, and no others.
fn until_shared(asked: &Instance, members: &[(&Instance, usize)]) {
    let named = members
        .iter()
        .map(|(instance, share)| (instance.name(), *share));
    let wanted: BTreeMap<String, usize> = named.collect();
    until_holds(&format!("shares of {wanted:?}"), || {
        let told = asked.page().get("/groups").unwrap().1;
        let groups = told["groups"].as_array().unwrap();
        groups.len() == 2 && groups.iter().all(|group| shares(group) == wanted)
    });
}

fn shares(group: &Value) -> BTreeMap<String, usize> {
    let members = group["members"].as_array().unwrap().iter();
    let share = |member: &Value| {
        let partitions = member["partitions"].as_array().unwrap();
        (
            member["client"].as_str().unwrap().to_owned(),
            partitions.len(),
        )
    };
    members.map(share).collect()
}

/// Waits until both groups have seen so many events, whichever instance is asked.
fn until_counted_and_archived(asked: &[&Instance], folder: &std::path::Path, events: usize) {
    for instance in asked {
        until_holds(&format!("{events} events in the counts"), || {
            instance.counts()["events"] == json!(events)
        });
    }
    until_holds(&format!("{events} events in the archive"), || {
        archived(folder).len() == events
    });
}
