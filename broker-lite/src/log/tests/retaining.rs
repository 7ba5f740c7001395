//! Old segments go, and the log goes on.

use std::time::Duration;

use super::*;

const DAY: i64 = 24 * 60 * 60 * 1000;

fn enforce(rig: &mut Rig, now: i64) -> bool {
    rig.log
        .enforce_retention(&rig.config, Timestamp(now))
        .unwrap()
}

#[test]
fn after_a_week_everything_is_gone_and_offsets_go_on() {
    let mut rig = Rig::new(small_segments(400));
    for day in 0..10 {
        rig.append(&batch(&[day * DAY]));
    }
    assert!(
        !enforce(&mut rig, 7 * DAY),
        "the first segment's newest record is not old enough"
    );
    assert!(enforce(&mut rig, 12 * DAY));
    let start = rig.log.start();
    assert!(start > Offset(0) && start <= Offset(5), "{start}");
    assert_eq!(rig.bases(start.0), (start.0..10).collect::<Vec<_>>());
    assert!(matches!(
        rig.log.plan(Offset(0), 1),
        Err(ReadError::OutOfRange { .. })
    ));
    assert!(
        enforce(&mut rig, 17 * DAY),
        "the active segment is closed first"
    );
    assert_eq!((rig.log.start(), rig.log.end()), (Offset(10), Offset(10)));
    assert_eq!(rig.append(&batch(&[17 * DAY])), 10);
    let rig = rig.kill_and_start();
    assert_eq!((rig.log.start(), rig.bases(10)), (Offset(10), vec![10]));
}

#[test]
fn a_log_that_is_replaced_with_a_snapshot_of_itself_holds_it_and_goes_on() {
    let mut rig = Rig::new(small_segments(400));
    for time in 0..10 {
        rig.append(&batch(&[time]));
    }
    let summary = [batch(&[8, 9]), batch(&[10])];
    let validated = |batch: &Bytes| {
        ValidatedBatch::new(batch, &rig.config, AppendOrigin::Coordinator, NOW).unwrap()
    };
    rig.log
        .replace_with_snapshot(summary.iter().map(validated).collect(), &rig.config, NOW)
        .unwrap();
    assert_eq!((rig.log.start(), rig.bases(10)), (Offset(10), vec![10, 12]));
    assert_eq!(rig.append(&batch(&[11])), 13);
    let mut rig = rig.kill_and_start();
    assert_eq!(
        (rig.log.start(), rig.bases(10)),
        (Offset(10), vec![10, 12, 13])
    );
    rig.log
        .replace_with_snapshot(Vec::new(), &rig.config, NOW)
        .unwrap();
    assert_eq!(
        (rig.log.start(), rig.log.end(), rig.log.size()),
        (Offset(14), Offset(14), 0)
    );
}

#[test]
fn the_oldest_segments_go_when_a_partition_is_too_large() {
    let mut config = small_segments(400);
    config.retention.bytes = Some(1000);
    let mut rig = Rig::new(config);
    for _ in 0..40 {
        rig.append(&batch(&[NOW.0]));
    }
    assert!(enforce(&mut rig, NOW.0));
    let left: u64 = rig.log.segments().map(Segment::size).sum();
    assert!((1000..1400).contains(&left), "{left} bytes are left");
    assert!(!enforce(&mut rig, NOW.0), "there is nothing more to do");
    let logs = rig
        .files()
        .iter()
        .filter(|name| name.ends_with(".log"))
        .count();
    assert_eq!(logs, rig.segment_bases().len());
}

#[test]
fn a_reader_finishes_on_a_segment_that_is_deleted_meanwhile() {
    let mut rig = Rig::new(small_segments(400));
    for _ in 0..10 {
        rig.append(&batch(&[0]));
    }
    let plan = rig.log.plan(Offset(0), 100).unwrap();
    assert!(enforce(&mut rig, 30 * DAY));
    let read = plan.run(MAX_READ).unwrap().chunks;
    assert_eq!(
        BatchHeader::check(&read.concat()).unwrap().base_offset,
        Offset(0)
    );
}

#[test]
fn nothing_goes_without_a_limit() {
    let mut config = small_segments(400);
    config.retention = Retention {
        age: None,
        bytes: None,
    };
    let mut rig = Rig::new(config);
    for _ in 0..10 {
        rig.append(&batch(&[0]));
    }
    assert!(!enforce(&mut rig, i64::MAX));
}

#[test]
fn a_silent_producer_is_forgotten_and_may_start_anew() {
    let mut rig = Rig::new(LogConfig {
        producer_expiry: Duration::from_secs(60),
        ..LogConfig::default()
    });
    rig.append(&numbered(0, 1));
    assert!(rig.try_append(&numbered(50, 1)).is_err());
    enforce(&mut rig, NOW.0 + 60_001);
    assert_eq!(rig.append(&numbered(50, 1)), 1);
}
