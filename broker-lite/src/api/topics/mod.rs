//! Topics: metadata, creation, deletion, settings.

mod metadata;
mod create_topics;
mod delete_topics;
mod describe_configs;

pub(super) use create_topics::CreateTopics;
pub(super) use delete_topics::DeleteTopics;
pub(super) use describe_configs::DescribeConfigs;
pub(super) use metadata::Metadata;
