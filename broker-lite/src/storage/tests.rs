//! The same promises, kept in memory and on disk; and what makes a folder a data folder.

use std::fs;
use std::sync::Arc;

use bytes::Bytes;

use super::*;

/// Runs a scenario on every kind of file system.
fn on_each(scenario: impl Fn(&dyn Fs)) {
    scenario(&MemoryFs::default());
    let folder = tempfile::tempdir().unwrap();
    scenario(&DiskFs::open(folder.path()).unwrap());
}

#[test]
fn what_is_appended_reads_back_across_reopening() {
    on_each(|fs| {
        fs.create_dir("orders-0").unwrap();
        let file = fs.open("orders-0/a.log").unwrap();
        file.append(Bytes::from_static(b"hello ")).unwrap();
        file.append(Bytes::from_static(b"world")).unwrap();
        let again = fs.open("orders-0/a.log").unwrap();
        assert_eq!(again.size(), 11);
        for (at, len, text) in [
            (0, 11, "hello world"),
            (3, 4, "lo w"),
            (6, 99, "world"),
            (11, 5, ""),
        ] {
            assert_eq!(again.read(at, len).unwrap().concat(), text.as_bytes());
            assert_eq!(file.read(at, len).unwrap().concat(), text.as_bytes());
        }
        file.sync().unwrap();
    });
}

#[test]
fn bytes_that_left_the_tail_come_from_the_disk() {
    on_each(|fs| {
        let file = fs.open("a.log").unwrap();
        let piece = |index: u8| Bytes::from(vec![index; 300_000]);
        for index in 0..20 {
            file.append(piece(index)).unwrap();
        }
        for index in 0..20 {
            let read = file.read(u64::from(index) * 300_000, 300_000).unwrap();
            assert_eq!(read.concat(), piece(index));
        }
        file.seal();
        assert_eq!(
            file.read(5_900_000, 100_000).unwrap().concat(),
            vec![19; 100_000]
        );
    });
}

#[test]
fn a_cut_file_grows_on_from_the_cut() {
    on_each(|fs| {
        let file = fs.open("a.log").unwrap();
        file.append(Bytes::from_static(b"abcdef")).unwrap();
        file.truncate(2).unwrap();
        file.append(Bytes::from_static(b"XY")).unwrap();
        assert_eq!(file.read(0, 10).unwrap().concat(), b"abXY");
        assert_eq!(fs.read("a.log").unwrap().unwrap(), b"abXY");
    });
}

#[test]
fn files_are_listed_renamed_and_removed() {
    on_each(|fs| {
        fs.create_dir("t-1").unwrap();
        fs.create_dir("t-10").unwrap();
        fs.write("t-1/x", b"1").unwrap();
        fs.replace("t-1/x", b"2").unwrap();
        fs.replace("t-10/x", b"3").unwrap();
        assert_eq!(fs.list("t-1").unwrap(), ["x"]);
        assert_eq!(fs.list("nowhere").unwrap(), [] as [String; 0]);
        assert_eq!(fs.read("t-1/x").unwrap().unwrap(), b"2");
        assert_eq!(fs.read("t-1/y").unwrap(), None);
        fs.rename("t-1", "t-2").unwrap();
        assert_eq!(fs.read("t-2/x").unwrap().unwrap(), b"2");
        fs.remove("t-2/x").unwrap();
        fs.remove("t-2/x").unwrap();
        assert_eq!(fs.list("t-2").unwrap(), [] as [String; 0]);
        fs.remove_dir("t-2").unwrap();
        fs.remove_dir("t-2").unwrap();
        let mut left = fs.list("").unwrap();
        left.retain(|name| name.starts_with('t'));
        assert_eq!(left, ["t-10"]);
    });
}

#[test]
fn a_removed_file_can_be_read_by_who_has_it_open() {
    on_each(|fs| {
        let file = fs.open("a.log").unwrap();
        file.append(Bytes::from_static(b"abc")).unwrap();
        let reader = Arc::clone(&file);
        fs.remove("a.log").unwrap();
        assert_eq!(reader.read(0, 3).unwrap().concat(), b"abc");
    });
}

#[test]
fn a_folder_has_one_owner_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("not/there/yet");
    let owner = DiskFs::open(&root).unwrap();
    let error = DiskFs::open(&root).unwrap_err();
    assert!(
        matches!(&error, DataFolderError::Held { path } if *path == root),
        "{error}"
    );
    drop(owner);
    DiskFs::open(&root).unwrap();
}

#[test]
fn a_folder_of_somebody_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.tex"), "\\section").unwrap();
    let error = DiskFs::open(folder.path()).unwrap_err();
    assert!(
        matches!(&error, DataFolderError::Foreign { found, .. } if found == "thesis.tex"),
        "{error}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_fresh_volume_is_taken_with_what_it_has_in_it() {
    let folder = tempfile::tempdir().unwrap();
    for own in [
        "lost+found",
        ".snapshot",
        ".Trash-0",
        "..2026_01_01_00_00_00.17",
        "System Volume Information",
    ] {
        fs::create_dir(folder.path().join(own)).unwrap();
    }
    fs::write(folder.path().join("aquota.user"), "").unwrap();
    fs::write(folder.path().join("..data"), "").unwrap();
    drop(DiskFs::open(folder.path()).unwrap());
    fs::write(folder.path().join("broker-lite.format"), "").unwrap();
    fs::create_dir(folder.path().join("lost")).unwrap();
    let error = DiskFs::open(folder.path()).unwrap_err();
    assert!(
        matches!(&error, DataFolderError::Foreign { found, .. } if found == "lost"),
        "{error}"
    );
}

#[test]
fn a_folder_that_can_not_be_written_to_is_refused_with_what_to_do() {
    for (kind, advice) in [
        (io::ErrorKind::ReadOnlyFilesystem, "mounted for writing"),
        (io::ErrorKind::PermissionDenied, "chown"),
        (io::ErrorKind::StorageFull, "make room"),
    ] {
        let (path, source) = ("/data".into(), kind.into());
        let error = DataFolderError::Storage {
            path,
            doing: "written to",
            source,
        };
        assert!(error.to_string().contains(advice), "{error}");
    }
}

#[test]
fn a_folder_whose_broker_died_while_it_marked_it_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("broker-lite.format");
    fs::write(&mark, "").unwrap();
    drop(DiskFs::open(folder.path()).unwrap());
    assert_eq!(fs::read_to_string(&mark).unwrap(), "2\n");
    fs::write(&mark, "").unwrap();
    fs::write(folder.path().join("something"), "").unwrap();
    let error = DiskFs::open(folder.path()).unwrap_err();
    assert!(
        matches!(&error, DataFolderError::Foreign { found, .. } if found == "something"),
        "{error}"
    );
}

#[test]
fn a_folder_in_a_later_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(DiskFs::open(folder.path()).unwrap());
    fs::write(folder.path().join("broker-lite.format"), "3\n").unwrap();
    let error = DiskFs::open(folder.path()).unwrap_err();
    assert!(
        matches!(&error, DataFolderError::Format { found, .. } if found == "3"),
        "{error}"
    );
}

#[test]
fn a_folder_that_can_not_be_one_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = DiskFs::open(&path).unwrap_err();
        assert!(
            error.to_string().contains(&path.display().to_string()),
            "{error}"
        );
    }
}
