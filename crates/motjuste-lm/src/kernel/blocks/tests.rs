use serde::Deserialize;

use super::Kind;

/// Random blocks, and the numbers that they stand for by llama.cpp's own package.
#[derive(Deserialize)]
struct Case {
    code: u32,
    name: String,
    bytes: String,
    numbers: Vec<f32>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../../tests/fixtures/blocks.json")).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().as_chunks::<2>().0.iter();
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

#[test]
fn blocks_of_every_format_stand_for_the_numbers_that_llama_cpp_reads() {
    let cases = cases();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let (kind, bytes) = (Kind::of(case.code).unwrap(), bytes(&case.bytes));
        assert_eq!(bytes.len() % kind.bytes(), 0, "{}", case.name);
        assert_eq!(kind.numbers_of(&bytes), case.numbers, "{}", case.name);
    }
}

#[test]
fn numbers_of_16_bits_are_exact() {
    let bytes: Vec<u8> = [0x3c00u16, 0xc100, 0x0001].iter().flat_map(|n| n.to_le_bytes()).collect();
    assert_eq!(Kind::F16.numbers_of(&bytes), [1.0, -2.5, 2f32.powi(-24)]);
    let bytes: Vec<u8> = [0x3f80u16, 0xc020].iter().flat_map(|n| n.to_le_bytes()).collect();
    assert_eq!(Kind::Bf16.numbers_of(&bytes), [1.0, -2.5]);
}
