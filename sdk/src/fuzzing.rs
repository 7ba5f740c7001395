//! Entrances for the fuzz targets in `fuzz/`: bytes as a stranger writes them into a record, into
//! one decoder each.
//!
//! Only there under `--cfg fuzzing`, which `cargo fuzz` sets. A target fails by a panic, by running
//! out of memory or by taking forever.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::codec::{BigInteger, Text, plain};
use crate::observe::TraceContext;

/// A part with structure, or a bare word.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle { radius: u8 },
    Line(i8, i8),
}

/// Plain bytes as every kind of value.
pub fn plain(input: &[u8]) {
    there_and_back::<i16>(input);
    there_and_back::<i64>(input);
    there_and_back::<u16>(input);
    there_and_back::<u64>(input);
    there_and_back::<bool>(input);
    there_and_back::<char>(input);
    there_and_back::<String>(input);
    there_and_back::<Option<u32>>(input);
    there_and_back::<Text<i64>>(input);
    there_and_back::<BigInteger>(input);
    there_and_back::<Shape>(input);
    there_and_back::<Vec<u16>>(input);
    there_and_back::<(i16, String)>(input);
    // No number that is none compares with itself.
    drop(plain::decode::<f64>(Some(input)));
    drop(plain::decode::<()>(Some(input)));
}

/// The header `traceparent`.
pub fn trace_parent(input: &[u8]) {
    let Some(trace) = std::str::from_utf8(input)
        .ok()
        .and_then(|text| text.parse::<TraceContext>().ok())
    else {
        return;
    };
    assert_eq!(
        trace.to_string().parse::<TraceContext>().ok(),
        Some(trace),
        "written and read back"
    );
}

fn there_and_back<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(input: &[u8]) {
    let Ok(value) = plain::decode::<T>(Some(input)) else {
        return;
    };
    let written = plain::encode(&value).expect("what was read can be written");
    assert_eq!(
        plain::decode::<T>(written.as_deref()).ok(),
        Some(value),
        "written and read back"
    );
}
