//! A record batch, compressed or not, down to its records.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| broker_lite::fuzzing::record_batch(input));
