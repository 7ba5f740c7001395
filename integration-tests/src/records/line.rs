//! A record as one line of text, for programs that pass records on: see
//! `interop/clients/contract.py`.
//!
//! Bytes are in hexadecimal, `-` is null and `.` is empty.

use super::Record;

/// A line that is no record.
#[derive(Debug, thiserror::Error)]
#[error("not a record: `{line}`; expected PARTITION KEY VALUE [NAME VALUE]…, bytes in hexadecimal")]
pub struct NotARecord {
    line: String,
}

/// Key, value, then name and value of each header.
#[must_use]
pub fn words(record: &Record) -> String {
    let mut words = vec![word(record.key.as_deref()), word(record.value.as_deref())];
    for (name, value) in &record.headers {
        words.extend([word(Some(name.as_bytes())), word(value.as_deref())]);
    }
    words.join(" ")
}

/// A record to produce and the partition it goes to.
///
/// # Errors
///
/// [`NotARecord`] quotes the line.
pub fn partition_and_record(line: &str) -> Result<(i32, Record), NotARecord> {
    parse(line).ok_or_else(|| NotARecord {
        line: line.to_owned(),
    })
}

fn parse(line: &str) -> Option<(i32, Record)> {
    let mut words = line.split_whitespace();
    let partition = words.next()?.parse().ok()?;
    let key = data(words.next()?)?;
    let value = data(words.next()?)?;
    let mut headers = Vec::new();
    while let Some(name) = words.next() {
        headers.push((String::from_utf8(data(name)??).ok()?, data(words.next()?)?));
    }
    Some((
        partition,
        Record {
            key,
            value,
            headers,
        },
    ))
}

fn word(data: Option<&[u8]>) -> String {
    match data {
        None => "-".to_owned(),
        Some([]) => ".".to_owned(),
        Some(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn data(word: &str) -> Option<Option<Vec<u8>>> {
    match word {
        "-" => Some(None),
        "." => Some(Some(Vec::new())),
        hex if hex.len().is_multiple_of(2) => {
            let digits = (0..hex.len()).step_by(2).map(|at| hex.get(at..at + 2));
            let bytes = digits.map(|pair| u8::from_str_radix(pair?, 16).ok());
            bytes.collect::<Option<Vec<u8>>>().map(Some)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::awkward;

    #[test]
    fn every_awkward_record_comes_back_from_its_line() {
        for record in awkward() {
            let (partition, back) = partition_and_record(&format!("3 {}", words(&record))).unwrap();
            assert_eq!((partition, back), (3, record));
        }
    }

    #[test]
    fn a_line_that_is_none_is_quoted() {
        for line in ["", "x - -", "0 -", "0 abc -", "0 - - 61"] {
            let refusal = partition_and_record(line).unwrap_err().to_string();
            assert!(refusal.contains(&format!("`{line}`")), "{refusal}");
        }
    }
}
