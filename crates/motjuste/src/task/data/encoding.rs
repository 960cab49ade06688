//! From bytes to text: byte-order marks, UTF-8, and what else a file may be written in.

use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

use crate::error::Setting;
use crate::{Error, Result};

/// The text of a file: UTF-8 or UTF-16 by its byte-order mark, else UTF-8, or the encoding of this name.
pub(super) fn decode(bytes: Vec<u8>, name: Option<&str>, path: &Path) -> Result<String> {
    refuse_binary(&bytes, path)?;
    let named = name.map(named).transpose()?;
    let (encoding, mark) = Encoding::for_bom(&bytes).unwrap_or((named.unwrap_or(UTF_8), 0));
    let (text, has_errors) = encoding.decode_without_bom_handling(&bytes[mark..]);
    match (has_errors, text.find('\0')) {
        (true, _) => Err(undecodable(&bytes[mark..], encoding, path)),
        (false, Some(at)) => Err(holds_nothing(&text[..at], &bytes[mark..], path)),
        (false, None) => Ok(text.into_owned()),
    }
}

/// A text with a letter that no text has, behind `before`.
fn holds_nothing(before: &str, bytes: &[u8], path: &Path) -> Error {
    let line = 1 + before.matches('\n').count();
    let error = Error::data(format!("{}, line {line}: a NUL character", path.display()));
    error.with_help(match is_utf_16(bytes) {
        true => "it is probably UTF-16: [data] encoding = \"utf-16le\", or save it as UTF-8",
        false => "no text has one: the file is damaged, or something else; write it anew",
    })
}

/// Whether every other byte of the beginning is 0, as in Western texts.
fn is_utf_16(bytes: &[u8]) -> bool {
    bytes.iter().take(200).filter(|&&byte| byte == 0).count() > 20.min(bytes.len() / 3)
}

fn named(name: &str) -> Result<&'static Encoding> {
    Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        Error::configuration(format!("unknown encoding \"{name}\""))
            .with_help("use a name such as utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis")
    })
}

/// What is wrong with a file, and what it probably is.
fn undecodable(bytes: &[u8], encoding: &'static Encoding, path: &Path) -> Error {
    let message = format!("{} is not {} text", path.display(), encoding.name());
    let error = match (encoding == UTF_8, first_fault(bytes)) {
        (true, Some(line)) => Error::data(format!("{message} (line {line})")),
        _ => Error::data(message),
    };
    let guess = if is_utf_16(bytes) { "utf-16le".to_owned() } else { likeliest(bytes) };
    error
        .with_help(format!(
            "save it as UTF-8; or name its encoding: [data] encoding = \"{guess}\" is the likeliest"
        ))
        .with_setting(Setting::Encoding)
}

/// The likeliest encoding of a text that is not UTF-8, from its letters.
fn likeliest(bytes: &[u8]) -> String {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny).name().to_ascii_lowercase()
}

/// The line of the first byte that is not UTF-8.
fn first_fault(bytes: &[u8]) -> Option<usize> {
    let valid = std::str::from_utf8(bytes).err()?.valid_up_to();
    Some(1 + bytes[..valid].iter().filter(|&&byte| byte == b'\n').count())
}

/// Files that hold no text, told by how they begin.
fn refuse_binary(bytes: &[u8], path: &Path) -> Result<()> {
    let kinds: [(&[u8], &str, &str); 3] = [
        (b"PK\x03\x04", "a workbook or an archive", "save the sheet as CSV, in UTF-8"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook", "save the sheet as CSV, in UTF-8"),
        (b"\x1f\x8b", "a compressed file", "unpack it first"),
    ];
    let found = kinds.iter().find(|(mark, _, _)| bytes.starts_with(mark));
    found.map_or(Ok(()), |(_, what, help)| {
        Err(Error::data(format!("{} is {what}, not text", path.display())).with_help(*help))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], name: Option<&str>) -> Result<String> {
        decode(bytes.to_vec(), name, Path::new("a.csv"))
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn marks_are_dropped_and_decide() {
        assert_eq!(read(b"\xEF\xBB\xBFa", None).unwrap(), "a");
        assert_eq!(read(&[b"\xFF\xFE".to_vec(), utf16("é")].concat(), None).unwrap(), "é");
    }

    #[test]
    fn a_legacy_encoding_is_named_or_told() {
        assert_eq!(read(b"caf\xE9", Some("windows-1252")).unwrap(), "café");
        let error = read(b"a\ncaf\xE9", None).unwrap_err();
        assert!(error.to_string().contains("not UTF-8 text (line 2)"), "{error}");
        assert!(error.help().unwrap().contains("windows-1252"));
        for name in ["shift_jis", "windows-1251", "gbk", "windows-1250"] {
            let said = match name {
                "shift_jis" => "返金してください。荷物が届きません。",
                "windows-1251" => "Где моя посылка? Верните деньги, пожалуйста.",
                "gbk" => "请退款。我的包裹在哪里？密码不对。",
                _ => "Gdzie jest moja przesyłka? Proszę o zwrot pieniędzy, źle obciążono kartę.",
            };
            let (bytes, _, _) = Encoding::for_label(name.as_bytes()).unwrap().encode(said);
            let error = read(&bytes, None).unwrap_err();
            assert!(error.help().unwrap().contains(name), "{name}: {:?}", error.help());
        }
        let error = read(&[utf16(&"long ".repeat(40)), vec![0xFF]].concat(), None).unwrap_err();
        assert!(error.help().unwrap().contains("utf-16le"));
        assert!(read(b"a", Some("latin-99")).unwrap_err().is_configuration());
    }

    #[test]
    fn a_letter_that_no_text_has_is_refused_with_its_line() {
        let error = read(b"a,b\nc,\0d\n", None).unwrap_err();
        assert!(error.to_string().contains("a.csv, line 2: a NUL"), "{error}");
        assert!(error.help().unwrap().contains("damaged"));
        let error = read(&utf16("input,output\n"), None).unwrap_err();
        assert!(error.help().unwrap().contains("utf-16le"));
    }

    #[test]
    fn a_workbook_is_told_to_be_one() {
        let error = read(b"PK\x03\x04...", None).unwrap_err();
        assert!(error.help().unwrap().contains("CSV"));
    }
}
