//! Offsets by time and by place.

use super::*;

/// `offset@time` of what is found, or `-`.
fn at_or_after(rig: &Rig, time: i64) -> String {
    found(rig, OffsetSpec::AtOrAfter(Timestamp(time)))
}

fn found(rig: &Rig, spec: OffsetSpec) -> String {
    let found = match rig.log.lookup(spec) {
        Lookup::Known(found) => found,
        Lookup::Search(search) => search.run().unwrap(),
    };
    match found {
        Some(FoundOffset {
            offset,
            timestamp: Some(time),
            ..
        }) => format!("{offset}@{time}"),
        Some(FoundOffset {
            offset,
            timestamp: None,
            ..
        }) => offset.to_string(),
        None => "-".to_owned(),
    }
}

#[test]
fn a_time_finds_the_first_record_that_is_as_late_not_its_batch() {
    let mut rig = Rig::new(LogConfig::default());
    rig.append(&batch(&[100, 200, 300]));
    rig.append(&batch(&[250, 400, 350]));
    for (time, expected) in [
        (0, "0@100"),
        (100, "0@100"),
        (101, "1@200"),
        (300, "2@300"),
        (301, "4@400"),
        (400, "4@400"),
        (401, "-"),
    ] {
        assert_eq!(at_or_after(&rig, time), expected, "at {time}");
    }
}

#[test]
fn every_time_is_found_across_segments_before_and_after_a_restart() {
    let mut rig = Rig::new(small_segments(700));
    // Times rise with relapses, as those of several producers do.
    let times: Vec<i64> = (0..60).map(|n| 1000 + n * 10 - (n % 7) * 15).collect();
    for pair in times.chunks(2) {
        rig.append(&batch(pair));
    }
    let check = |rig: &Rig| {
        for time in 880..1600 {
            let first = times.iter().position(|record| *record >= time);
            let expected = first.map_or("-".to_owned(), |at| format!("{at}@{}", times[at]));
            assert_eq!(at_or_after(rig, time), expected, "at {time}");
        }
    };
    check(&rig);
    let rig = rig.stop_and_start();
    check(&rig);
    check(&rig.kill_and_start());
}

#[test]
fn the_latest_time_is_that_of_its_first_record() {
    let mut rig = Rig::new(small_segments(300));
    assert_eq!(found(&rig, OffsetSpec::MaxTimestamp), "-");
    for times in [[100, 200], [900, 300], [900, 400], [500, 600]] {
        rig.append(&batch(&times));
    }
    assert_eq!(found(&rig, OffsetSpec::MaxTimestamp), "2@900");
}

#[test]
fn both_ends_are_found_without_a_time() {
    let mut rig = Rig::new(LogConfig::default());
    rig.append(&batch(&[100, 200]));
    assert_eq!(found(&rig, OffsetSpec::Earliest), "0");
    assert_eq!(found(&rig, OffsetSpec::EarliestLocal), "0");
    assert_eq!(found(&rig, OffsetSpec::Latest), "2");
    assert_eq!(found(&rig, OffsetSpec::LatestTiered), "-");
}
