//! Groups as a whole: the coordinator with its shards, and the topic that holds their state.

mod coordinator;
mod offsets_topic;
