//! Groups as a whole: the coordinator with its shards, and the topic that holds their state.

mod coordinator;
mod committing;
mod offsets_topic;
mod fixture;
