//! The metadata of a group's member.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| broker_lite::fuzzing::subscription(input));
