//! The file behind a partition, byte by byte.

use std::ops::Range;
use std::path::Path;

use super::{Body, Chapter, Outcome};
use crate::kafka_by_doing::client::{Client, SOON};
use crate::kafka_by_doing::narrator::Narrator;
use crate::kafka_by_doing::orders::{Orders as _, producer};
use crate::kafka_by_doing::segment::{Field, StoredBatch, batches};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "segment-file",
    title: "the file behind a partition, byte by byte",
    body: Body::OneBroker(|narrator, kafka| Box::pin(tell(narrator, kafka))),
};

/// Offset, key and value of what is sent.
const SENT: [(i64, &str, &str); 2] = [(0, "Ada", "two cups"), (1, "Grace", "one pot")];

async fn tell(narrator: &mut Narrator, kafka: &Client) -> wellspring::Result<Outcome> {
    let Some(log_dir) = kafka.log_dir() else {
        let reason = "this chapter reads the broker's files: leave the address out, or say with \
                      --log-dir where on this machine that Kafka keeps its partitions (`log.dirs`)";
        return Ok(Outcome::Skipped(reason.to_owned()));
    };
    narrator.expect(
        "A partition is a folder of segment files, each called by the offset of its first record. \
         In a file one record batch follows the other: 61 bytes of header, then the records, as \
         the producer made them.",
    );

    narrator
        .step("Send two orders one after the other, so that each is a batch.")
        .await;
    let topic = kafka.new_topic("segment", 1, &[]).await?;
    let orders = producer(kafka, &topic, &[])?;
    for (_, customer, order) in SENT {
        let receipt = orders.placed(customer, order).await?;
        narrator.show(format!("{customer}: {order} is at {receipt}"));
    }

    narrator
        .step("Look into the folder of the partition.")
        .await;
    let path = log_dir.join(format!("{topic}-0/00000000000000000000.log"));
    let both = async || {
        std::fs::read(&path)
            .ok()
            .filter(|file| batches(file).len() == 2)
    };
    let what = format!("two batches in {}", path.display());
    let file = kafka.until(&what, SOON, both).await?;
    for (name, size) in folder(&path) {
        narrator.show(format!("{name} ({size} bytes)"));
    }
    let batches = batches(&file);
    let end = batches.last().map(|batch| batch.at.end);
    narrator.claim(
        "the file is two batches and nothing else",
        end,
        Some(file.len()),
    )?;

    for (batch, sent) in batches.iter().zip(SENT) {
        read(narrator, &file, batch, sent).await?;
    }
    narrator.note(
        "The producer id and the base sequence are the idempotent producer's: by them the broker \
         knows a batch that is sent again. Real Kafka writes the same bytes; its \
         `kafka-dump-log` reads this file.",
    );
    kafka.remove(&topic).await;
    Ok(Outcome::Told)
}

/// Shows a batch, and checks it against what was sent.
async fn read(
    narrator: &mut Narrator,
    file: &[u8],
    batch: &StoredBatch,
    (offset, key, value): (i64, &str, &str),
) -> wellspring::Result {
    let Range { start, end } = batch.at;
    let step = format!("Read the batch from byte {start} to {end}.");
    narrator.step(&step).await;
    narrator.show(header(file, batch));
    let base_offset = batch.field("base offset");
    narrator.claim(
        "the base offset is what the sender was told",
        base_offset,
        offset,
    )?;
    let magic = batch.field("magic");
    narrator.claim("magic says that the format is version 2", magic, 2)?;
    let crc = stored_crc(batch);
    narrator.claim(
        "crc is the CRC-32C of the bytes behind it",
        crc,
        batch.computed_crc,
    )?;
    narrator.claim("one record follows", batch.field("records count"), 1)?;
    for record in &batch.records {
        narrator.show(hex(file, &record.at, "the record"));
        let seen = [&record.key, &record.value].map(|part| text(part.as_deref()));
        let sent = [key.to_owned(), value.to_owned()];
        narrator.claim("it has its key and its value as they were sent", seen, sent)?;
    }
    Ok(())
}

/// The header's fields with their bytes, a line each.
fn header(file: &[u8], batch: &StoredBatch) -> String {
    let line = |field: &Field| {
        let label = format!("{} {}", field.name, field.value);
        hex(file, &field.at, &label)
    };
    batch.fields.iter().map(line).collect()
}

/// Eight bytes a line, each line with its place; the first with a label.
fn hex(file: &[u8], at: &Range<usize>, label: &str) -> String {
    let mut lines = String::new();
    let mut label = Some(label);
    let bytes = file.get(at.clone()).unwrap_or_default();
    for (from, row) in (at.start..).step_by(8).zip(bytes.chunks(8)) {
        let bytes: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown: String = row
            .iter()
            .map(|byte| {
                if byte.is_ascii_graphic() {
                    char::from(*byte)
                } else {
                    '.'
                }
            })
            .collect();
        let label = label.take().unwrap_or_default();
        let line = format!("{from:>4}  {:<23}  {shown:<8}  {label}", bytes.join(" "));
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

/// The files beside a segment, in the order of their names.
fn folder(segment: &Path) -> Vec<(String, u64)> {
    let entries = segment
        .parent()
        .and_then(|folder| std::fs::read_dir(folder).ok());
    let mut files: Vec<(String, u64)> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let size = entry.metadata().ok()?.len();
            Some((entry.file_name().to_string_lossy().into_owned(), size))
        })
        .collect();
    files.sort();
    files
}

/// The checksum in the header, without the sign that a field has.
fn stored_crc(batch: &StoredBatch) -> u32 {
    u32::try_from(batch.field("crc") & 0xffff_ffff).unwrap_or_default()
}

fn text(bytes: Option<&[u8]>) -> String {
    bytes
        .map_or("null".into(), String::from_utf8_lossy)
        .into_owned()
}
