//! Topics come, go and are found again.

use std::sync::Arc;

use super::*;
use crate::config::{Config, Settings};
use crate::metadata::{Image, MetadataCache};
use crate::replica::{PartitionError, ReplicaManager};
use crate::runtime::Clock;
use crate::storage::{FaultyFs, Fs, MemoryFs};
use crate::types::{PartitionId, TopicName};

/// A controller with the partitions that it opens.
struct Rig {
    controller: Controller,
    metadata: Arc<MetadataCache>,
    replicas: Arc<ReplicaManager>,
}

impl Rig {
    fn image(&self) -> Arc<Image> {
        self.metadata.image()
    }
}

impl std::ops::Deref for Rig {
    type Target = Controller;

    fn deref(&self) -> &Controller {
        &self.controller
    }
}

fn try_open(fs: &Arc<dyn Fs>) -> Result<Rig, StoreError> {
    let defaults = Config::resolve(Settings::new()).unwrap().topics;
    let metadata = Arc::new(MetadataCache::default());
    let replicas = Arc::new(ReplicaManager::new(
        Arc::clone(fs),
        Clock::new(),
        defaults.clone(),
        Arc::clone(&metadata),
    ));
    let controller = Controller::open(
        Arc::clone(fs),
        defaults,
        Arc::clone(&metadata),
        Arc::clone(&replicas),
    )?;
    Ok(Rig {
        controller,
        metadata,
        replicas,
    })
}

fn open(fs: &Arc<dyn Fs>) -> Rig {
    try_open(fs).unwrap()
}

fn topic(name: &str, partitions: i32) -> NewTopic {
    NewTopic {
        name: TopicName::new(name).unwrap(),
        partitions,
        settings: Settings::new(),
    }
}

#[test]
fn topics_with_their_ids_and_settings_are_there_after_a_restart() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let mut wanted = topic("orders", 3);
    wanted.settings.set("retention.ms", "77");
    let id = open(&fs).create(wanted).unwrap().id();

    let image = open(&fs).image();
    let orders = image.topic("orders").unwrap();
    assert_eq!((orders.id(), orders.partition_count()), (id, 3));
    assert_eq!(orders.settings().get("retention.ms"), Some("77"));
    assert_eq!(image.topic_by_id(id).unwrap().name().as_str(), "orders");
}

#[test]
fn a_deleted_topic_is_gone_and_a_new_one_of_its_name_has_another_id() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let controller = open(&fs);
    let old = controller.create(topic("t", 1)).unwrap();
    let before = controller.replicas.view();
    controller.delete(old.id()).unwrap();

    assert!(controller.image().topic("t").is_none());
    assert!(before.partition(&old, PartitionId(0)).unwrap().is_closed());
    assert_eq!(
        controller
            .replicas
            .view()
            .partition(&old, PartitionId(0))
            .err(),
        Some(PartitionError::NotHosted)
    );
    assert!(open(&fs).image().topic("t").is_none());
    assert_ne!(controller.create(topic("t", 1)).unwrap().id(), old.id());
    assert!(matches!(
        controller.delete(old.id()),
        Err(TopicError::Unknown)
    ));
}

#[test]
fn topics_are_created_together_and_each_fails_for_itself() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let controller = open(&fs);
    let names = [("a.b", 1), ("a_b", 1), ("c", 0), ("a.b", 1), ("d", 2)];
    let outcomes = controller
        .create_all(names.map(|(name, partitions)| topic(name, partitions)))
        .unwrap();
    assert!(outcomes[0].is_ok() && outcomes[4].is_ok());
    assert!(matches!(outcomes[1], Err(TopicError::Collision { .. })));
    assert!(matches!(outcomes[2], Err(TopicError::Partitions { .. })));
    assert!(matches!(outcomes[3], Err(TopicError::Exists { .. })));
    assert_eq!(open(&fs).image().topics().count(), 2);
}

#[test]
fn a_topic_that_cannot_be_created_leaves_nothing_behind() {
    let faulty = Arc::new(FaultyFs::default());
    let fs = Arc::clone(&faulty) as Arc<dyn Fs>;
    let controller = open(&fs);
    let before = fs.list("").unwrap();
    for refused in [
        "catalogue",
        "t-1/00000000000000000000.log",
        "t-2/partition.metadata",
    ] {
        faulty.refuse(Some(refused));
        assert!(controller.create(topic("t", 3)).is_err(), "{refused}");
        assert_eq!(fs.list("").unwrap(), before, "{refused}");
    }
    faulty.refuse(None);
    controller.create(topic("t", 3)).unwrap();
    assert_eq!(open(&fs).image().topics().count(), 1);
}

#[test]
fn a_catalogue_whose_safety_is_in_doubt_says_what_it_said_before() {
    let faulty = Arc::new(FaultyFs::default());
    let fs = Arc::clone(&faulty) as Arc<dyn Fs>;
    let controller = open(&fs);
    let kept = controller.create(topic("kept", 1)).unwrap();
    faulty.fail_after_write("catalogue");
    assert!(controller.create(topic("t", 3)).is_err());
    assert!(open(&fs).image().topic("t").is_none());
    faulty.fail_after_write("catalogue");
    assert!(controller.delete(kept.id()).is_err());
    assert!(open(&fs).image().topic("kept").is_some());
}

#[test]
fn a_catalogue_that_is_lost_is_not_taken_for_an_empty_one() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    drop(open(&fs));
    fs.remove("catalogue").unwrap();
    open(&fs).create(topic("t", 1)).unwrap();
    let again = || try_open(&fs).map(drop);
    fs.remove("catalogue").unwrap();
    assert!(matches!(again(), Err(StoreError::Lost { folder }) if folder == "t-0"));
    fs.write("catalogue", b"").unwrap();
    assert!(matches!(again(), Err(StoreError::Damaged { .. })));
}

#[test]
fn a_topic_that_cannot_be_is_refused_with_the_reason() {
    let controller = open(&(Arc::new(MemoryFs::default()) as Arc<dyn Fs>));
    controller.create(topic("a.b", 1)).unwrap();
    assert!(matches!(
        controller.create(topic("a.b", 1)),
        Err(TopicError::Exists { .. })
    ));
    assert!(matches!(
        controller.create(topic("a_b", 1)),
        Err(TopicError::Collision { .. })
    ));
    assert!(matches!(
        controller.create(topic("c", 0)),
        Err(TopicError::Partitions { .. })
    ));
    assert!(matches!(
        controller.create(topic("c", i32::MAX)),
        Err(TopicError::Partitions { .. })
    ));
    let mut odd = topic("c", 1);
    odd.settings.set("flush.often", "please");
    assert!(matches!(controller.create(odd), Err(TopicError::Config(_))));
    assert_eq!(controller.image().topics().count(), 1);
}

#[test]
fn ensuring_a_topic_twice_gives_the_same_one() {
    let controller = open(&(Arc::new(MemoryFs::default()) as Arc<dyn Fs>));
    let first = controller.ensure(topic("__consumer_offsets", 50)).unwrap();
    let again = controller.ensure(topic("__consumer_offsets", 50)).unwrap();
    assert_eq!(first.id(), again.id());
    assert!(first.is_internal());
}

#[test]
fn settings_that_are_not_understood_end_the_start_and_are_not_replaced_by_defaults() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let mut kept = topic("kept", 1);
    kept.settings.set("retention.ms", "-1");
    open(&fs).create(kept).unwrap();
    let stored = String::from_utf8(fs.read("catalogue").unwrap().unwrap()).unwrap();
    let (text, _) = stored.split_once("end ").unwrap();
    let text = text.replace("retention.ms -1", "retention.ms forever");
    let sealed = format!("{text}end {:08x}\n", crc32c::crc32c(text.as_bytes()));
    fs.replace("catalogue", sealed.as_bytes()).unwrap();
    let error = try_open(&fs).err().unwrap();
    assert!(
        matches!(&error, StoreError::Settings { topic, .. } if topic.as_str() == "kept"),
        "{error}"
    );
}

#[test]
fn an_earlier_topic_of_the_same_name_does_not_get_the_later_ones_partitions() {
    let controller = open(&(Arc::new(MemoryFs::default()) as Arc<dyn Fs>));
    let earlier = controller.create(topic("t", 1)).unwrap();
    controller.delete(earlier.id()).unwrap();
    let later = controller.create(topic("t", 2)).unwrap();
    let view = controller.replicas.view();
    let find = |topic, id| view.partition(topic, PartitionId(id)).err();
    assert_eq!(find(&earlier, 0), Some(PartitionError::NotHosted));
    assert_eq!(
        (find(&later, 1), find(&later, 2)),
        (None, Some(PartitionError::Unknown))
    );
}
