//! One row of a table of settings, and the values that several rows share.

use crate::config::Rule;

/// A setting of the broker or of a topic.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// Kafka's name of it.
    pub(crate) name: &'static str,
    /// The values that it takes.
    pub(crate) rule: Rule,
    /// The value when it is not set; `None` where another key or the environment decides.
    pub(crate) default: Option<&'static str>,
    /// A description for people, in a sentence or two.
    pub(crate) doc: &'static str,
}

/// A setting with a default.
pub(super) const fn key(
    name: &'static str,
    rule: Rule,
    default: &'static str,
    doc: &'static str,
) -> Key {
    Key {
        name,
        rule,
        default: Some(default),
        doc,
    }
}

/// A setting without a default.
pub(super) const fn unset(name: &'static str, rule: Rule, doc: &'static str) -> Key {
    Key {
        name,
        rule,
        default: None,
        doc,
    }
}

/// A 32-bit number of at least `min`.
pub(super) const fn int(min: i64) -> Rule {
    Rule::Int {
        min,
        max: Rule::INT,
    }
}

/// A 64-bit number of at least `min`.
pub(super) const fn long(min: i64) -> Rule {
    Rule::Long {
        min,
        max: Rule::LONG,
    }
}

pub(super) const CLEANUP: Rule = Rule::ListOf(&["compact", "delete"]);
pub(super) const COMPRESSION: Rule =
    Rule::OneOf(&["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]);
pub(super) const TIMESTAMP_TYPE: Rule = Rule::OneOf(&["CreateTime", "LogAppendTime"]);
/// The smallest size of a segment in Kafka (KIP-1030).
pub(super) const MEBIBYTE: i64 = 1024 * 1024;
/// The levels of zlib; -1 is its default.
pub(super) const GZIP_LEVEL: Rule = Rule::Int { min: -1, max: 9 };
pub(super) const LZ4_LEVEL: Rule = Rule::Int { min: 1, max: 17 };
pub(super) const ZSTD_LEVEL: Rule = Rule::Int {
    min: -131_072,
    max: 22,
};
/// No limit in time: the largest 64-bit number.
pub(super) const FOREVER: &str = "9223372036854775807";
