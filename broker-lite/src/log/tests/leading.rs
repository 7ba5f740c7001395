//! Every start is a new leadership, and says where the ones before it ended.

use super::*;
use crate::storage::FaultyFs;

const CHECKPOINT: &str = "leader-epoch-checkpoint";

/// A log with ten batches of one record, written under epoch 0.
fn ten() -> Rig {
    let mut rig = Rig::new(small_segments(400));
    (0..10).for_each(|time| _ = rig.append(&batch(&[time])));
    rig
}

fn end_of(rig: &Rig, epoch: i32) -> Option<(i32, i64)> {
    rig.log
        .end_of_epoch(LeaderEpoch(epoch))
        .map(|EpochEnd { epoch, end }| (epoch.0, end.0))
}

/// The epoch of each batch.
fn epochs(rig: &Rig) -> Vec<i32> {
    rig.batches(0)
        .iter()
        .map(|batch| BatchHeader::parse(batch).unwrap().leader_epoch.0)
        .collect()
}

fn checkpoint(fs: &dyn Fs) -> String {
    String::from_utf8(fs.read(&format!("{DIR}/{CHECKPOINT}")).unwrap().unwrap()).unwrap()
}

#[test]
fn a_start_after_any_kind_of_stop_is_a_new_epoch_and_its_records_carry_it() {
    let mut rig = Rig::new(LogConfig::default());
    assert_eq!(rig.log.epoch(), LeaderEpoch::ZERO);
    rig.append(&batch(&[1, 2]));
    let mut rig = rig.stop_and_start();
    rig.append(&batch(&[3]));
    let mut rig = rig.kill_and_start();
    rig.append(&batch(&[4]));
    // Two starts without a record: only the newest is kept, as in Kafka.
    let rig = rig.kill_and_start().stop_and_start();
    assert_eq!(
        (epochs(&rig), rig.log.epoch()),
        (vec![0, 1, 2], LeaderEpoch(4))
    );
    assert_eq!(checkpoint(&*rig.fs), "0\n4\n0 0\n1 2\n2 3\n4 4\n");
    let ends = [0, 1, 2, 3, 4].map(|epoch| end_of(&rig, epoch));
    assert_eq!(
        ends,
        [
            Some((0, 2)),
            Some((1, 3)),
            Some((2, 4)),
            Some((2, 4)),
            Some((4, 4))
        ]
    );
    assert_eq!(end_of(&rig, 5), None);
}

#[test]
fn a_start_knows_of_epochs_that_only_the_broker_remembers() {
    let rig = ten();
    let (fs, topic) = (Arc::clone(&rig.fs), rig.topic);
    drop(rig);
    fs.remove(&format!("{DIR}/{CHECKPOINT}")).unwrap();
    let mode = OpenMode::Existing {
        min_epoch: LeaderEpoch(7),
    };
    let rig = Rig::claim(fs, topic, small_segments(400), mode);
    assert_eq!(
        (rig.log.epoch(), end_of(&rig, 6)),
        (LeaderEpoch(7), Some((0, 10)))
    );
}

#[test]
fn a_checkpoint_that_is_older_than_the_records_costs_none_of_them() {
    let rig = ten();
    let old = checkpoint(&*rig.fs);
    let mut rig = rig.kill_and_start();
    rig.append(&batch(&[10]));
    let (fs, topic, config) = (Arc::clone(&rig.fs), rig.topic, rig.config.clone());
    drop(rig);
    // As after a loss of power: the records were synced and the checkpoint was not.
    fs.write(&format!("{DIR}/{CHECKPOINT}"), old.as_bytes())
        .unwrap();
    let rig = Rig::claim(
        fs,
        topic,
        config,
        OpenMode::Existing {
            min_epoch: LeaderEpoch(2),
        },
    );
    assert_eq!(
        (rig.truncation.as_ref(), rig.log.end(), rig.log.epoch()),
        (None, Offset(11), LeaderEpoch(2))
    );
}

#[test]
fn a_log_that_was_cut_at_any_byte_says_where_the_earlier_epochs_end() {
    let rig = ten();
    let mut rig = rig.kill_and_start();
    (10..14).for_each(|time| _ = rig.append(&batch(&[time])));
    let path = files::path(DIR, rig.log.active.base, Kind::Log);
    for stop in [Rig::into_killed, Rig::into_stopped] {
        let fs = stop(copy(&*rig.fs), &rig);
        let whole = fs.read(&path).unwrap().unwrap();
        for size in 0..=whole.len() {
            let fs = copy(&*fs);
            fs.write(&path, &whole[..size]).unwrap();
            let mut cut = Rig::open(fs, rig.topic, rig.config.clone());
            let end = cut.log.end().0;
            let epoch = cut.log.epoch().0;
            assert!(epoch >= 2, "{epoch} after {size} bytes");
            assert_eq!(cut.append(&batch(&[99])), end);
            assert_eq!(end_of(&cut, 0), Some((0, end.min(10))), "{size} bytes");
            let of_one = if end > 10 { (1, end) } else { (0, end) };
            assert_eq!(end_of(&cut, 1), Some(of_one), "{size} bytes");
            assert_eq!(end_of(&cut, epoch), Some((epoch, end + 1)), "{size} bytes");
            assert_eq!(epochs(&cut).last(), Some(&epoch));
            assert_eq!(cut.kill_and_start().truncation, None, "{size} bytes");
        }
    }
}

impl Rig {
    fn into_killed(fs: Arc<dyn Fs>, _: &Self) -> Arc<dyn Fs> {
        fs
    }

    /// The same folder after a start and a clean stop.
    fn into_stopped(fs: Arc<dyn Fs>, of: &Self) -> Arc<dyn Fs> {
        Self::open(Arc::clone(&fs), of.topic, of.config.clone())
            .log
            .close()
            .unwrap();
        fs
    }
}

#[test]
fn indexes_that_are_lost_after_a_clean_stop_cost_no_record_of_any_epoch() {
    let mut rig = ten();
    for time in 10..20 {
        rig = if time % 2 == 0 {
            rig.stop_and_start()
        } else {
            rig.kill_and_start()
        };
        rig.append(&batch(&[time]));
    }
    let (fs, topic, config) = (Arc::clone(&rig.fs), rig.topic, rig.config.clone());
    rig.log.close().unwrap();
    for name in fs
        .list(DIR)
        .unwrap()
        .into_iter()
        .filter(|name| name.contains("index"))
    {
        fs.remove(&format!("{DIR}/{name}")).unwrap();
    }
    let rig = Rig::open(fs, topic, config);
    assert_eq!(
        (rig.bases(0), rig.truncation.as_ref()),
        ((0..20).collect(), None)
    );
}

#[test]
fn an_epoch_that_could_not_be_noted_is_noted_before_anything_is_written_under_it() {
    let faulty = Arc::new(FaultyFs::default());
    let mut rig = Rig::create(
        Arc::clone(&faulty) as Arc<dyn Fs>,
        TopicId::random(),
        LogConfig::default(),
    );
    rig.append(&batch(&[1]));
    faulty.refuse(Some(&format!("{DIR}/{CHECKPOINT}")));
    let mut rig = rig.kill_and_start();
    assert_eq!(
        (rig.log.epoch(), rig.bases(0)),
        (LeaderEpoch(1), vec![0]),
        "it can be read"
    );
    let error = rig.try_append(&batch(&[2])).unwrap_err();
    assert!(matches!(error, AppendError::Storage { .. }), "{error}");
    faulty.refuse(None);
    assert_eq!(rig.append(&batch(&[2])), 1);
    assert_eq!(checkpoint(&*faulty), "0\n2\n0 0\n1 1\n");
}
