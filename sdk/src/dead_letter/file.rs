//! A file for dead letters that their topic will not take.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;

use super::{DeadLetter, DeadLetterError, DeadLetterSink};
use crate::BoxError;
use crate::runtime::error_chain;

/// Appends dead letters to a file, one JSON object a line, and has it on the disk before it
/// answers.
///
/// A line has `topic`, `partition`, `offset`, `timestamp`, `listener`, `group`, `error`, and the
/// record as it came: `key`, `payload` and `headers` (pairs), their bytes in hexadecimal, `null`
/// where there is nothing.
///
/// Cloning is cheap; clones share the file.
#[derive(Debug, Clone)]
pub struct DeadLetterFile {
    path: PathBuf,
    /// The file once it was opened. Held while a line is written.
    file: Arc<Mutex<Option<File>>>,
}

impl DeadLetterFile {
    /// The file at `path`. It is made with the first letter.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            file: Arc::default(),
        }
    }

    fn append(&self, line: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = match file.take() {
            Some(open) => open,
            None => OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.path)?,
        };
        // One that failed is opened anew for the next letter.
        open.write_all(line)?;
        open.sync_data()?;
        *file = Some(open);
        Ok(())
    }
}

impl DeadLetterSink for DeadLetterFile {
    fn publish(&self, letter: DeadLetter) -> BoxFuture<'static, Result<(), BoxError>> {
        let this = self.clone();
        async move {
            let (at, offset) = (letter.record.source().clone(), letter.record.offset());
            let file = this.path.display().to_string();
            let written = tokio::task::spawn_blocking(move || this.append(&line(&letter))).await?;
            Ok(written.map_err(|source| DeadLetterError::File {
                at,
                offset,
                file,
                source,
            })?)
        }
        .boxed()
    }
}

/// A letter as one line, with its end.
fn line(letter: &DeadLetter) -> Vec<u8> {
    let record = &letter.record;
    let headers = record
        .headers()
        .iter()
        .map(|(name, value)| (String::from_utf8_lossy(name), value.map(hex)));
    let json = json!({
        "topic": record.topic().as_str(),
        "partition": record.partition().0,
        "offset": record.offset().0,
        "timestamp": record.timestamp().0,
        "listener": letter.listener.as_str(),
        "group": letter.group.as_str(),
        "error": error_chain(&*letter.failure.error),
        "key": record.key().map(hex),
        "payload": record.payload().map(hex),
        "headers": headers.collect::<Vec<_>>(),
    });
    format!("{json}\n").into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
