//! Embeddings as vLLM reads them: the base64 of a file that `torch.save` could have written.
//!
//! The file is a ZIP archive of stored entries: a pickle that rebuilds a tensor, and the tensor's
//! bytes. `tests/golden/check.py` checks with PyTorch that `torch.load(weights_only=True)` reads it.

use base64::prelude::{BASE64_STANDARD, Engine};
use motjuste::model::Embeddings;
use motjuste::{Error, Result};

use super::zip;

/// The base64 of a float32 tensor of shape (tokens, hidden).
///
/// # Errors
/// [`Error::is_model`] when the numbers are no whole rows of `hidden`, when there is none, or when
/// one is not finite.
pub(crate) fn encode(embeddings: &Embeddings, hidden: usize) -> Result<String> {
    check(embeddings, hidden)?;
    Ok(BASE64_STANDARD.encode(torch_file(embeddings)?))
}

/// One number that is not finite would spoil the server's answers to others, too.
pub(crate) fn check(embeddings: &Embeddings, hidden: usize) -> Result<()> {
    let Embeddings { values, hidden: width } = embeddings;
    if *width != hidden || hidden == 0 || values.is_empty() || values.len() % hidden != 0 {
        let message = format!(
            "{} numbers in rows of {width} are no embeddings of width {hidden}; nothing was sent",
            values.len()
        );
        return Err(Error::model(message).with_help("this is a fault of the embedder"));
    }
    if !embeddings.is_finite() {
        return Err(Error::model("an embedding is not finite; nothing was sent")
            .with_help("scale the soft prompt down, or check the model's embedding matrix"));
    }
    Ok(())
}

fn torch_file(embeddings: &Embeddings) -> Result<Vec<u8>> {
    let rows = dimension(embeddings.tokens())?;
    let columns = dimension(embeddings.hidden)?;
    let count = dimension(embeddings.values.len())?;
    let numbers: Vec<u8> = embeddings.values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Ok(zip::store(&[
        ("archive/data.pkl", &pickle(rows, columns, count)),
        ("archive/byteorder", b"little"),
        ("archive/data/0", &numbers),
        ("archive/version", b"3\n"),
    ]))
}

/// The pickle's integers are signed and the archive's sizes are of 32 bits; a prompt that comes
/// near has other problems.
fn dimension(count: usize) -> Result<i32> {
    let bounded = i32::try_from(count).ok().filter(|&count| count <= i32::MAX / 4);
    bounded.ok_or_else(|| Error::model("the embedded prompt is larger than 2 GiB"))
}

/// `_rebuild_tensor_v2(storage, offset 0, (rows, columns), (columns, 1), False, OrderedDict())`, in
/// protocol 2 (Python's `pickletools` names the opcodes).
fn pickle(rows: i32, columns: i32, count: i32) -> Vec<u8> {
    let mut out = Vec::with_capacity(160);
    out.extend(b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((");
    text(&mut out, "storage");
    out.extend(b"ctorch\nFloatStorage\n");
    text(&mut out, "0");
    text(&mut out, "cpu");
    integer(&mut out, count);
    out.extend(b"tQ");
    integer(&mut out, 0);
    for (first, second) in [(rows, columns), (columns, 1)] {
        integer(&mut out, first);
        integer(&mut out, second);
        out.push(b'\x86');
    }
    out.extend(b"\x89ccollections\nOrderedDict\n)RtR.");
    out
}

/// `BINUNICODE`.
fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'X');
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text.as_bytes());
}

/// `BININT1`, `BININT2` or `BININT`, whichever is shortest.
fn integer(out: &mut Vec<u8>, value: i32) {
    if let Ok(byte) = u8::try_from(value) {
        out.extend([b'K', byte]);
    } else if let Ok(short) = u16::try_from(value) {
        out.push(b'M');
        out.extend(short.to_le_bytes());
    } else {
        out.push(b'J');
        out.extend(value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of `tests/golden/check.py`.
    fn golden() -> Embeddings {
        let values = (0..3 * 100).map(|i| (i as f32 - 150.0) / 7.0).collect();
        Embeddings { values, hidden: 100 }
    }

    #[test]
    fn the_payload_is_the_one_that_torch_was_seen_to_read() {
        let read = include_str!("../../tests/golden/prompt_embeds_3x100.b64");
        assert_eq!(encode(&golden(), 100).unwrap(), read.trim_end());
    }

    #[test]
    fn integers_take_the_shortest_form() {
        let form = |value| {
            let mut out = Vec::new();
            integer(&mut out, value);
            out
        };
        assert_eq!(form(255), b"K\xff");
        assert_eq!(form(256), b"M\x00\x01");
        assert_eq!(form(65536), b"J\x00\x00\x01\x00");
    }

    #[test]
    fn what_would_harm_the_server_is_refused() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut broken = golden();
            broken.values[17] = bad;
            assert!(encode(&broken, 100).unwrap_err().to_string().contains("not finite"));
        }
        assert!(encode(&golden(), 99).unwrap_err().to_string().contains("width 99"));
        let ragged = Embeddings { values: vec![0.0; 5], hidden: 2 };
        assert!(encode(&ragged, 2).is_err());
        assert!(encode(&Embeddings { values: vec![], hidden: 2 }, 2).is_err());
        assert!(encode(&Embeddings { values: vec![], hidden: 0 }, 0).is_err());
    }
}
