//! The leader epochs of a partition.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| broker_lite::fuzzing::leader_epochs(input));
