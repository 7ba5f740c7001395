//! A disk that is full, or has turned read-only, takes no record and loses none.

use super::*;
use crate::storage::FaultyFs;

/// A log of ten batches over several segments, and its disk.
fn ten() -> (Rig, FaultyFs) {
    let disk = FaultyFs::with_room(1 << 20);
    let mut rig = Rig::create(
        Arc::new(disk.clone()),
        TopicId::random(),
        small_segments(400),
    );
    (0..10).for_each(|time| _ = rig.append(&batch(&[time])));
    (rig, disk)
}

fn is_refused(rig: &mut Rig) -> bool {
    matches!(
        rig.try_append(&batch(&[99])),
        Err(AppendError::Storage { .. })
    )
}

#[test]
fn half_a_batch_is_taken_back_and_the_log_goes_on_when_there_is_room() {
    let size = batch(&[0]).len();
    let disk = FaultyFs::with_room(1 << 20);
    let mut rig = Rig::create(
        Arc::new(disk.clone()),
        TopicId::random(),
        LogConfig::default(),
    );
    disk.set_room(2 * size + size / 2);
    rig.append(&batch(&[0]));
    rig.append(&numbered(0, 1));
    for _ in 0..2 {
        let error = rig.try_append(&numbered(1, 1)).unwrap_err();
        assert!(
            matches!(error, AppendError::Storage { at: Offset(2), .. }),
            "{error}"
        );
        assert_eq!(rig.bases(0), [0, 1]);
    }
    disk.set_room(1 << 20);
    assert_eq!(
        rig.append(&numbered(1, 1)),
        2,
        "the refused batch was not noted"
    );
    let rig = rig.kill_and_start();
    assert_eq!((rig.bases(0), rig.truncation), (vec![0, 1, 2], None));
}

#[test]
fn a_log_on_a_full_disk_opens_after_any_stop_is_read_and_goes_on_when_there_is_room() {
    for clean in [true, false] {
        let (rig, disk) = ten();
        let topic = rig.topic;
        disk.set_room(0);
        if clean {
            let Rig { log, .. } = rig;
            let error = log.close().unwrap_err();
            assert!(
                matches!(
                    error,
                    LogError::Storage {
                        doing: "closed",
                        ..
                    }
                ),
                "its last notes find no room: {error}"
            );
        }
        let mut rig = Rig::open(Arc::new(disk.clone()), topic, small_segments(400));
        assert_eq!(
            (rig.bases(0), rig.truncation.as_ref()),
            ((0..10).collect(), None)
        );
        assert!(is_refused(&mut rig));
        disk.set_room(1 << 20);
        assert_eq!(rig.append(&batch(&[10])), 10);
        assert_eq!(rig.stop_and_start().bases(0), (0..11).collect::<Vec<_>>());
    }
}

#[test]
fn half_a_batch_that_can_not_be_moved_aside_is_hidden_until_there_is_room() {
    let (rig, disk) = ten();
    let torn = batch(&[10]).slice(..40);
    rig.log.active.file.append(torn.clone()).unwrap();
    let path = files::path(DIR, rig.log.active.base, Kind::Log);
    let whole = rig.log.active.size() - 40;
    disk.set_room(10);
    let mut rig = rig.kill_and_start();
    assert!(
        rig.truncation
            .as_ref()
            .is_some_and(|truncation| truncation.stuck.is_some()),
        "{:?}",
        rig.truncation
    );
    assert_eq!(
        (rig.bases(0), rig.log.end()),
        ((0..10).collect(), Offset(10))
    );
    assert!(is_refused(&mut rig));
    let mut rig = rig.stop_and_start();
    assert!(is_refused(&mut rig), "and after another start");
    disk.set_room(1 << 20);
    assert_eq!(rig.append(&batch(&[10])), 10);
    let aside = rig
        .fs
        .read(&format!("{path}.{whole}.cut"))
        .unwrap()
        .unwrap();
    assert_eq!(aside, torn, "nothing is destroyed");
    let rig = rig.kill_and_start();
    assert_eq!((rig.bases(0), rig.truncation), ((0..11).collect(), None));
}

#[test]
fn retention_makes_room_on_a_full_disk() {
    let (rig, disk) = ten();
    disk.set_room(0);
    let mut rig = rig.kill_and_start();
    rig.config.retention.bytes = Some(300);
    assert!(
        rig.log
            .enforce_retention(&rig.config, Timestamp(10))
            .unwrap()
    );
    assert!(rig.log.start() > Offset(0));
    rig.config.retention = Retention {
        age: Some(std::time::Duration::from_millis(1)),
        bytes: None,
    };
    rig.log
        .enforce_retention(&rig.config, Timestamp(1000))
        .unwrap();
    disk.set_room(1 << 20);
    assert_eq!(rig.append(&batch(&[1000])), 10, "offsets go on");
    assert_eq!(rig.kill_and_start().log.end(), Offset(11));
}

#[test]
fn a_disk_that_turns_read_only_under_a_running_log_loses_nothing() {
    let (mut rig, disk) = ten();
    disk.set_read_only(true);
    for _ in 0..2 {
        assert!(is_refused(&mut rig));
        assert_eq!(rig.bases(0), (0..10).collect::<Vec<_>>());
    }
    assert!(
        !rig.log
            .enforce_retention(&rig.config, Timestamp(10))
            .unwrap(),
        "nothing is due"
    );
    disk.set_read_only(false);
    assert_eq!(rig.append(&batch(&[10])), 10);
    // It takes half a batch, and can't even cut that off again.
    disk.turn_read_only_when_full();
    disk.set_room(30);
    for _ in 0..2 {
        assert!(is_refused(&mut rig));
        assert_eq!(rig.bases(0), (0..11).collect::<Vec<_>>());
    }
    disk.set_read_only(false);
    disk.set_room(1 << 20);
    assert_eq!(rig.append(&batch(&[11])), 11);
    let rig = rig.kill_and_start();
    assert_eq!((rig.bases(0), rig.truncation), ((0..12).collect(), None));
}
