//! A record of `__consumer_offsets`, as it is read back at the start.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| broker_lite::fuzzing::group_record(input));
