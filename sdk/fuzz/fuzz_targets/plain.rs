//! A key or a header's value, as any type that a handler may ask for.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wellspring::fuzzing::plain(input));
