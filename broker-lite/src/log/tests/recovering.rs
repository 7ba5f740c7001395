//! Opening a log after every kind of end.

use super::*;
use crate::storage::DiskFs;

/// Batches of different sizes over several segments, some of an idempotent producer.
fn written() -> Rig {
    let mut rig = Rig::new(small_segments(600));
    let mut sequence = 0;
    for count in [1, 4, 2, 1, 3, 5, 1, 2, 4, 1] {
        rig.append(&numbered(sequence, count));
        sequence += count;
        rig.append(&batch(&[sequence.into()]));
    }
    rig
}

fn last_file(rig: &Rig) -> String {
    files::path(DIR, rig.log.active.base, Kind::Log)
}

#[test]
fn a_clean_stop_and_a_kill_lose_nothing() {
    let before = written();
    let (batches, segments, end) = (before.batches(0), before.segment_bases(), before.log.end());
    let mut rig = before;
    for round in 0..4 {
        rig = if round % 2 == 0 {
            rig.stop_and_start()
        } else {
            rig.kill_and_start()
        };
        assert_eq!(rig.truncation, None);
        assert_eq!(
            (rig.batches(0), rig.segment_bases(), rig.log.end()),
            (batches.clone(), segments.clone(), end)
        );
        assert!(
            rig.try_append(&numbered(23, 1)).unwrap().duplicate,
            "the producer's last batch is known"
        );
        let error = rig.try_append(&numbered(99, 1)).unwrap_err();
        assert!(
            matches!(error, AppendError::OutOfSequence { expected: 24, .. }),
            "{error}"
        );
    }
    assert_eq!(rig.append(&numbered(24, 1)), end.0);
}

#[test]
fn an_empty_log_stays_empty() {
    let mut rig = Rig::new(LogConfig::default())
        .stop_and_start()
        .kill_and_start()
        .stop_and_start();
    assert_eq!((rig.log.start(), rig.log.end()), (Offset(0), Offset(0)));
    assert_eq!(rig.append(&batch(&[1])), 0);
}

#[test]
fn a_cut_at_any_byte_keeps_the_whole_batches_before_it() {
    let rig = written();
    let (all, path) = (rig.batches(0), last_file(&rig));
    let file = rig.fs.read(&path).unwrap().unwrap();
    let tail: usize = all[all.len() - 2..].iter().map(Bytes::len).sum();
    for size in file.len() - tail..=file.len() {
        let fs = copy(&*rig.fs);
        fs.write(&path, &file[..size]).unwrap();
        let mut cut = Rig::open(fs, rig.topic, rig.config.clone());
        let kept: Vec<_> = whole_batches(&all, file.len(), size);
        assert_eq!(cut.batches(0), kept, "{size} of {} bytes", file.len());
        let in_the_middle = kept.concat().len() + file.len() != all.concat().len() + size;
        assert_eq!(
            cut.truncation.is_some(),
            in_the_middle,
            "{size} of {} bytes: {:?}",
            file.len(),
            cut.truncation
        );
        assert_eq!(cut.append(&batch(&[5])), next_offset(&kept));
        assert_eq!(
            cut.kill_and_start().truncation,
            None,
            "what was repaired once is whole"
        );
    }
}

/// The batches that are whole if the last file, of `full` bytes, has only `size`.
fn whole_batches(all: &[Bytes], full: usize, size: usize) -> Vec<Bytes> {
    let mut left = all.concat().len() - full + size;
    let fits = |batch: &&Bytes| {
        left.checked_sub(batch.len())
            .inspect(|rest| left = *rest)
            .is_some()
    };
    all.iter().take_while(fits).cloned().collect()
}

fn next_offset(batches: &[Bytes]) -> i64 {
    batches.last().map_or(0, |batch| {
        BatchHeader::parse(batch).unwrap().last_offset().next().0
    })
}

#[test]
fn a_flipped_bit_anywhere_is_found_and_nothing_behind_it_is_kept() {
    let rig = written();
    let (all, path) = (rig.batches(0), last_file(&rig));
    let file = rig.fs.read(&path).unwrap().unwrap();
    let [.., first, second] = &all[..] else {
        panic!("two batches")
    };
    let tail = first.len() + second.len();
    for bit in (file.len() - tail) * 8..file.len() * 8 {
        let fs = copy(&*rig.fs);
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs.write(&path, &flipped).unwrap();
        let found = Rig::open(fs, rig.topic, rig.config.clone());
        let kept = if bit / 8 < file.len() - second.len() {
            all.len() - 2
        } else {
            all.len() - 1
        };
        assert_eq!(found.batches(0), all[..kept], "bit {bit}");
        let truncation = found.truncation.unwrap();
        let position = file.len() as u64 - truncation.bytes;
        assert_eq!(
            (
                truncation.position,
                truncation.later_segments,
                truncation.end.0
            ),
            (position, 0, next_offset(&all[..kept]))
        );
        let aside = found
            .fs
            .read(&format!("{path}.{position}.cut"))
            .unwrap()
            .unwrap();
        assert_eq!(
            aside,
            flipped[usize::try_from(position).unwrap()..],
            "what was cut is kept aside"
        );
    }
}

#[test]
fn damage_in_a_closed_segment_sets_the_later_ones_aside() {
    let rig = written();
    let bases = rig.segment_bases();
    let path = files::path(DIR, Offset(bases[1]), Kind::Log);
    let mut file = rig.fs.read(&path).unwrap().unwrap();
    file[70] ^= 1;
    rig.fs.write(&path, &file).unwrap();
    let mut rig = rig.kill_and_start();
    assert_eq!(rig.log.end(), Offset(bases[1]));
    assert_eq!(
        rig.truncation.as_ref().unwrap().later_segments,
        bases.len() - 2
    );
    assert_eq!(
        rig.files()
            .iter()
            .filter(|name| name.ends_with(".cut"))
            .count(),
        bases.len() - 1
    );
    assert_eq!(rig.append(&batch(&[1])), bases[1]);
    assert_eq!(rig.kill_and_start().truncation, None);
}

#[test]
fn a_batch_that_was_cut_may_come_again() {
    let mut rig = Rig::new(LogConfig::default());
    rig.append(&numbered(0, 2));
    let path = last_file(&rig);
    let size = rig.fs.read(&path).unwrap().unwrap().len();
    rig.append(&numbered(2, 2));
    let file = rig.fs.open(&path).unwrap();
    file.truncate(size as u64 + 30).unwrap();
    let mut rig = rig.kill_and_start();
    assert!(rig.try_append(&numbered(0, 2)).unwrap().duplicate);
    assert!(!rig.try_append(&numbered(2, 2)).unwrap().duplicate);
}

#[test]
fn a_damaged_file_beside_the_log_costs_a_walk_and_no_record() {
    let pristine = written();
    let (all, fs, topic, config) = (
        pristine.batches(0),
        Arc::clone(&pristine.fs),
        pristine.topic,
        pristine.config,
    );
    pristine.log.close().unwrap();
    for name in fs
        .list(DIR)
        .unwrap()
        .into_iter()
        .filter(|name| !name.ends_with(".log"))
    {
        let path = format!("{DIR}/{name}");
        let content = fs.read(&path).unwrap().unwrap();
        let absent = copy(&*fs);
        absent.remove(&path).unwrap();
        let damaged = copy(&*fs);
        damaged.write(&path, &content[..content.len() / 2]).unwrap();
        for fs in [absent, damaged] {
            let mut rig = Rig::open(fs, topic, config.clone());
            assert_eq!(
                (rig.batches(0), &rig.truncation),
                (all.clone(), &None),
                "{name}"
            );
            assert!(
                rig.try_append(&numbered(23, 1)).unwrap().duplicate,
                "{name}"
            );
        }
    }
}

#[test]
fn a_log_whose_last_segment_was_cut_short_after_a_clean_stop_ends_there() {
    let before = written();
    let (all, path, fs, topic) = (
        before.batches(0),
        last_file(&before),
        before.fs.clone(),
        before.topic,
    );
    before.log.close().unwrap();
    let whole = fs.read(&path).unwrap().unwrap();
    fs.write(&path, &whole[..whole.len() - 1]).unwrap();
    let mut rig = Rig::open(fs, topic, small_segments(600));
    assert_eq!(rig.truncation.as_ref().unwrap().file, path);
    assert_eq!(rig.batches(0), all[..all.len() - 1]);
    assert_eq!(rig.append(&batch(&[1])), next_offset(&all[..all.len() - 1]));
}

#[test]
fn a_folder_of_an_earlier_topic_is_moved_aside() {
    let rig = written();
    let (fs, earlier, files) = (Arc::clone(&rig.fs), rig.topic, rig.files());
    drop(rig);
    let rig = Rig::create(fs, TopicId::random(), LogConfig::default());
    assert_eq!((rig.log.start(), rig.log.end()), (Offset(0), Offset(0)));
    let mut aside = rig.fs.list(&format!("{DIR}.{earlier}.stray")).unwrap();
    aside.sort();
    assert_eq!(aside, files);
    rig.log.delete().unwrap();
    assert_eq!(rig.fs.list(DIR).unwrap(), [] as [String; 0]);
}

#[test]
fn folders_of_an_earlier_topic_with_a_long_name_do_not_get_into_each_others_way() {
    let fs: Arc<dyn Fs> = Arc::new(MemoryFs::default());
    let name = "n".repeat(249);
    let (earlier, later) = (TopicId::random(), TopicId::random());
    for topic in [earlier, later] {
        for number in 0..12 {
            let folder = LogFolder {
                fs: Arc::clone(&fs),
                dir: format!("{name}-{number}"),
                topic,
                mode: OpenMode::Create,
            };
            Log::open(folder, &LogConfig::default(), NOW).unwrap();
        }
    }
    let aside = fs
        .list("")
        .unwrap()
        .into_iter()
        .filter(|folder| folder.ends_with(".stray"));
    assert_eq!(aside.count(), 12);
}

#[test]
fn a_folder_of_an_unknown_topic_is_moved_aside_for_a_new_one() {
    let rig = written();
    let (fs, note) = (Arc::clone(&rig.fs), format!("{DIR}/{}", files::TOPIC_ID));
    drop(rig);
    // A power cut may take the note, which is not synced, and leave the records.
    fs.write(&note, b"").unwrap();
    let topic = TopicId::random();
    let rig = Rig::create(fs, topic, LogConfig::default());
    assert_eq!((rig.log.start(), rig.log.end()), (Offset(0), Offset(0)));
    assert!(
        !rig.fs
            .list(&format!("{DIR}.before-{topic}.stray"))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_known_partition_that_is_gone_or_anothers_is_an_error_and_stays_as_it_is() {
    let open = |fs: &Arc<dyn Fs>, topic| {
        let folder = LogFolder {
            fs: Arc::clone(fs),
            dir: DIR.to_owned(),
            topic,
            mode: RESTART,
        };
        Log::open(folder, &LogConfig::default(), NOW).map(drop)
    };
    let rig = written();
    let before = rig.files();
    let error = open(&rig.fs, TopicId::random()).unwrap_err();
    assert!(
        matches!(&error, LogError::Foreign { found, .. } if *found == rig.topic),
        "{error}"
    );
    assert_eq!(rig.files(), before);
    rig.fs.remove_dir(DIR).unwrap();
    let error = open(&rig.fs, rig.topic).unwrap_err();
    assert!(
        matches!(&error, LogError::Gone { path } if path == DIR),
        "{error}"
    );
    assert_eq!(rig.files(), [] as [String; 0]);
}

#[test]
fn the_files_are_kafkas() {
    let folder = tempfile::tempdir().unwrap();
    let fs: Arc<dyn Fs> = Arc::new(DiskFs::open(folder.path()).unwrap());
    let mut rig = Rig::create(fs, TopicId::random(), small_segments(600));
    for time in 0..10 {
        rig.append(&batch(&[time]));
    }
    let closed = rig.segment_bases()[1];
    let rig = rig.stop_and_start();
    assert_eq!(rig.bases(0), (0..10).collect::<Vec<_>>());
    let files = rig.files();
    for name in [
        "00000000000000000000.log".to_owned(),
        "00000000000000000000.index".to_owned(),
        "00000000000000000000.timeindex".to_owned(),
        format!("{closed:020}.snapshot"),
        "leader-epoch-checkpoint".to_owned(),
        "partition.metadata".to_owned(),
    ] {
        assert!(files.contains(&name), "{name} in {files:?}");
    }
    let index = rig
        .fs
        .read("orders-0/00000000000000000000.index")
        .unwrap()
        .unwrap();
    let size = batch(&[0]).len();
    // The third batch is the first with more than 100 bytes of batches between it and the last
    // entry.
    assert_eq!(
        index[..8],
        [0, 0, 0, 2, 0, 0, 0, u8::try_from(2 * size).unwrap()]
    );
}

#[test]
fn a_kill_on_disk_is_repaired_like_one_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let topic = TopicId::random();
    let open = || {
        Rig::create(
            Arc::new(DiskFs::open(folder.path()).unwrap()),
            topic,
            small_segments(600),
        )
    };
    let mut rig = open();
    for time in 0..10 {
        rig.append(&batch(&[time]));
    }
    let path = folder.path().join(last_file(&rig));
    drop(rig);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let mut rig = open();
    assert_eq!(rig.bases(0), (0..9).collect::<Vec<_>>());
    assert!(rig.truncation.is_some());
    assert_eq!(rig.append(&batch(&[9])), 9);
    drop(rig);
    assert_eq!(open().bases(0), (0..10).collect::<Vec<_>>());
}
