//! The body of a Fetch request at any version.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| broker_lite::fuzzing::fetch(input));
