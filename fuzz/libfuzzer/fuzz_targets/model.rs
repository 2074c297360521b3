#![no_main]

use wsspec_fuzz::check::model::check;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| check(octets));
