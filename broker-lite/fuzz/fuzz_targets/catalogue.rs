//! The catalogue of topics, as it is read at the start.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| broker_lite::fuzzing::catalogue(input));
