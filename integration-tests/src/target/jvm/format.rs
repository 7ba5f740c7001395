//! The files that Kafka wants in its data folder before it first starts there.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::{fs, io};

use super::{Jars, JvmError};

/// The files of a formatted folder, by name.
type Files = Vec<(OsString, Vec<u8>)>;

/// Formats the data folder of a node, once in its life.
///
/// Kafka's storage tool is a JVM of its own, so it runs once in this process. All single nodes have
/// the same cluster id and the same number, and the tool's files say nothing else that tells one
/// folder from another.
pub(crate) fn format(jars: &Jars, folder: &Path, properties: &Path) -> Result<(), JvmError> {
    static FORMATTED: Mutex<Option<Files>> = Mutex::new(None);
    let data = folder.join("data");
    let mut formatted = FORMATTED.lock().unwrap_or_else(PoisonError::into_inner);
    match &*formatted {
        Some(files) => write(files, &data).map_err(JvmError::io("format a folder")),
        None => {
            run_storage_tool(jars, folder, properties)?;
            let files = read(&data).map_err(JvmError::io("read a formatted folder"))?;
            *formatted = Some(files);
            Ok(())
        }
    }
}

/// Formats the data folder of one node of several in one cluster.
pub(crate) fn format_as(
    node_id: u16,
    jars: &Jars,
    folder: &Path,
    properties: &Path,
) -> Result<(), JvmError> {
    format(jars, folder, properties)?;
    let path = folder.join("data/meta.properties");
    fs::read_to_string(&path)
        .and_then(|text| fs::write(&path, identified(&text, node_id)))
        .map_err(JvmError::io("number a formatted folder"))
}

/// A `meta.properties` with another node's number. A folder's own id is left out: Kafka gives it one
/// at the first start, and those of one cluster must differ.
fn identified(text: &str, node_id: u16) -> String {
    let kept = text
        .lines()
        .filter(|line| !line.starts_with("node.id=") && !line.starts_with("directory.id="));
    let mut lines: Vec<String> = kept.map(str::to_owned).collect();
    lines.push(format!("node.id={node_id}\n"));
    lines.join("\n")
}

fn run_storage_tool(jars: &Jars, folder: &Path, properties: &Path) -> Result<(), JvmError> {
    let formatted = jars
        .java()
        .args([
            "kafka.tools.StorageTool",
            "format",
            "--cluster-id",
            "d2VsbHNwcmluZy10ZXN0MQ",
            "--config",
        ])
        .arg(properties)
        .stdin(Stdio::null())
        .output()
        .map_err(JvmError::io("run kafka's storage tool"))?;
    if formatted.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&[formatted.stdout, formatted.stderr].concat())
        .trim()
        .to_owned();
    Err(JvmError::Unformatted {
        folder: folder.to_owned(),
        said,
    })
}

fn read(data: &Path) -> io::Result<Files> {
    fs::read_dir(data)?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name(), fs::read(entry.path())?))
        })
        .collect()
}

fn write(files: &Files, data: &Path) -> io::Result<()> {
    fs::create_dir_all(data)?;
    files
        .iter()
        .try_for_each(|(name, bytes)| fs::write(data.join(name), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_folder_gets_its_own_node_and_no_directory_id() {
        let text = "version=1\nnode.id=1\ncluster.id=c\ndirectory.id=d\n";
        assert_eq!(identified(text, 3), "version=1\ncluster.id=c\nnode.id=3\n");
    }

    #[test]
    fn a_folder_is_formatted_with_the_files_of_another() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(one.path().join("meta.properties"), "version=1").unwrap();
        write(&read(one.path()).unwrap(), &other.path().join("data")).unwrap();
        let copied = fs::read_to_string(other.path().join("data/meta.properties"));
        assert_eq!(copied.unwrap(), "version=1");
    }
}
