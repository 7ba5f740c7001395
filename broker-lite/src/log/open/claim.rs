//! Makes sure that the folder of a partition belongs to its topic.

use std::io;

use super::OpenMode;
use crate::log::error::LogError;
use crate::log::files;
use crate::storage::Fs;
use crate::types::TopicId;

/// Creates the folder of a new partition, or checks that an existing one belongs to the topic.
///
/// A folder that an earlier topic left behind, because a crash interrupted its deletion, is
/// moved aside. It is not removed: only the deletion of a topic removes a folder.
///
/// # Errors
/// [`LogError::Gone`] or [`LogError::Foreign`] for an existing partition whose folder is missing or
/// belongs to another topic.
pub(super) fn claim(
    fs: &dyn Fs,
    dir: &str,
    topic: TopicId,
    mode: OpenMode,
) -> Result<(), LogError> {
    let failed = |source| LogError::Storage {
        path: dir.to_owned(),
        doing: "opened",
        source,
    };
    let path = format!("{dir}/{}", files::TOPIC_ID);
    let content = metadata(topic);
    let found = fs
        .read(&path)
        .map_err(failed)?
        .and_then(|found| String::from_utf8(found).ok());
    if found.as_ref() == Some(&content) {
        return Ok(());
    }
    let id = found.as_deref().and_then(|text| {
        text.lines()
            .find_map(|line| line.strip_prefix("topic_id: "))
    });
    let id = id.and_then(TopicId::parse);
    match (mode, id) {
        (OpenMode::Existing { .. }, Some(found)) if found != topic => {
            return Err(LogError::Foreign {
                path: dir.to_owned(),
                found,
                wanted: topic,
            });
        }
        (OpenMode::Existing { .. }, None) if fs.list(dir).map_err(failed)?.is_empty() => {
            return Err(LogError::Gone {
                path: dir.to_owned(),
            });
        }
        (OpenMode::Create, Some(earlier)) => {
            move_aside(fs, dir, &earlier.to_string()).map_err(failed)?
        }
        // Files of unknown origin: certainly not of the topic that is being created.
        (OpenMode::Create, None) if !fs.list(dir).map_err(failed)?.is_empty() => {
            move_aside(fs, dir, &format!("before-{topic}")).map_err(failed)?;
        }
        // A new folder; or the id is right and the rest of the file is not; or the file is damaged,
        // and the folder has records that its topic would lose. It is written again.
        (OpenMode::Create, None) | (OpenMode::Existing { .. }, _) => {}
    }
    fs.create_dir(dir)
        .and_then(|()| fs.write(&path, content.as_bytes()))
        .map_err(failed)
}

/// Renames a folder that an earlier topic left behind.
fn move_aside(fs: &dyn Fs, dir: &str, earlier: &str) -> io::Result<()> {
    // A file name has at most 255 bytes, and a topic's name may have 249 of them.
    let (name, number) = dir.rsplit_once('-').unwrap_or((dir, ""));
    let (stem, _) = name.split_at(name.len().min(190));
    let aside = format!("{stem}-{number}.{earlier}.{}", files::STRAY);
    tracing::warn!(
        dir,
        aside,
        "a folder of a deleted topic of this name was left over and is moved aside"
    );
    fs.rename(dir, &aside)
}

/// Removes the folder of a new partition whose topic is not created after all. A folder of another
/// topic stays.
///
/// # Errors
/// The file system's error.
pub(crate) fn discard(fs: &dyn Fs, dir: &str, topic: TopicId) -> io::Result<()> {
    let is_ours = match fs.read(&format!("{dir}/{}", files::TOPIC_ID))? {
        Some(found) => found == metadata(topic).as_bytes(),
        // The file with the id may be what could not be written.
        None => fs.list(dir)?.iter().all(|file| file.ends_with(".tmp")),
    };
    if is_ours { fs.remove_dir(dir) } else { Ok(()) }
}

/// Returns the content of `partition.metadata`, in Kafka's format.
fn metadata(topic: TopicId) -> String {
    format!("version: 0\ntopic_id: {topic}\n")
}
