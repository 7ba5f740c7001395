//! The two indexes of a closed segment.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| broker_lite::fuzzing::index(input));
