//! See `fuzz_bodies::authorization_header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_bodies::authorization_header(input));
