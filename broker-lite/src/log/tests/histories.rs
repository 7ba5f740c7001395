//! Whatever happens to a log, in whatever order: what it holds is what was appended and not yet
//! deleted.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// What may happen.
#[derive(Debug, Clone)]
enum Step {
    /// That many records in a batch, that many milliseconds later than the last.
    Append {
        records: i64,
        later: i64,
    },
    Stop,
    Kill,
    Retain,
    /// That many bytes of the next batch get into the file, then the process dies.
    Tear(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (1..6_i64, 0..40_i64).prop_map(|(records, later)| Step::Append { records, later }),
        1 => Just(Step::Stop),
        1 => Just(Step::Kill),
        1 => Just(Step::Retain),
        1 => (1..70_usize).prop_map(Step::Tear),
    ]
}

fn config() -> LogConfig {
    let mut config = small_segments(500);
    config.segment_age = Duration::from_millis(100);
    config.retention = Retention {
        age: Some(Duration::from_millis(300)),
        bytes: Some(1500),
    };
    config
}

/// Takes the step; `time` is that of the newest record. Answers the offset that a new batch got.
fn take(mut rig: Rig, step: &Step, time: &mut i64) -> (Rig, Option<i64>) {
    match step {
        Step::Append { records, later } => {
            *time += later;
            let base = rig.append(&batch(&vec![*time; usize::try_from(*records).unwrap()]));
            (rig, Some(base))
        }
        Step::Stop => (rig.stop_and_start(), None),
        Step::Kill => (rig.kill_and_start(), None),
        Step::Retain => {
            rig.log
                .enforce_retention(&rig.config, Timestamp(*time))
                .unwrap();
            (rig, None)
        }
        Step::Tear(bytes) => {
            rig.log
                .active
                .file
                .append(batch(&[*time]).slice(..*bytes))
                .unwrap();
            let rig = rig.kill_and_start();
            assert!(rig.truncation.is_some(), "half a batch is found");
            (rig, None)
        }
    }
}

proptest! {
    #[test]
    fn a_log_holds_what_was_appended_and_not_deleted(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut rig = Rig::new(config());
        let (mut time, mut end, mut bases) = (0, 0, Vec::new());
        for step in &steps {
            let start = rig.log.start();
            let (next, base) = take(rig, step, &mut time);
            rig = next;
            if let (Some(base), Step::Append { records, .. }) = (base, step) {
                prop_assert_eq!(base, end, "offsets go on without a hole");
                end += records;
                bases.push(base);
            }
            prop_assert_eq!(rig.log.end(), Offset(end));
            prop_assert!(rig.log.start() >= start, "the start never goes back");
            let kept: Vec<i64> = bases.iter().copied().filter(|base| *base >= rig.log.start().0).collect();
            prop_assert_eq!(rig.bases(rig.log.start().0), kept);
        }
    }
}
