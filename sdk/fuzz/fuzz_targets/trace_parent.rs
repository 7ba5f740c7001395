//! The trace context that a record brings along.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wellspring::fuzzing::trace_parent(input));
