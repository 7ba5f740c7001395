//! The stream of frames: any bytes, in pieces of any size.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| broker_lite::fuzzing::frames(input));
