#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| motjuste_fuzz::refusals::run(data));
