//! The header of a GGUF file: metadata, and the tensors' names, types and shapes.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use candle_core::Device;
use candle_core::quantized::gguf_file::{Content, Value};
use motjuste::{Error, Result};

use super::names::Family;
use crate::faults::plain;

/// A header that was read, of an architecture that we know.
pub(crate) struct Header {
    pub(crate) content: Content,
    pub(crate) family: &'static Family,
    pub(crate) path: PathBuf,
}

impl Header {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| {
            Error::model(format!("{name} cannot be read: {e}"))
                .with_source(e)
                .with_help("a GGUF file holds a whole model; check the path")
        })?;
        let size = file.metadata().map_or(0, |file| file.len());
        let content =
            Content::read(&mut BufReader::new(file)).map_err(|e| unreadable(&name, &e))?;
        refuse_beyond(&content, size, &name)?;
        let architecture = match content.metadata.get("general.architecture") {
            Some(Value::String(architecture)) => architecture,
            _ => return Err(Error::model(format!("{name}: general.architecture is missing"))),
        };
        let family = Family::of(architecture).ok_or_else(|| {
            Error::model(format!("{name}: architecture `{architecture}` is not supported"))
                .with_help(format!("use a model of one of these: {}", Family::names()))
        })?;
        Ok(Self { content, family, path: path.to_owned() })
    }

    /// A malformed file.
    pub(crate) fn error(&self, why: &str) -> Error {
        Error::model(format!("{}: {why}", self.path.display()))
    }

    /// The values of a tensor, row-major, whatever type they are stored in.
    pub(crate) fn tensor(&self, name: &str) -> Result<Vec<f32>> {
        let read = || {
            let mut file = BufReader::new(File::open(&self.path)?);
            let tensor = self.content.tensor(&mut file, name, &Device::Cpu)?;
            tensor.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1()
        };
        read().map_err(|e: candle_core::Error| self.error(&format!("tensor {name}: {}", plain(&e))))
    }

    /// A value under its full name.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.content.metadata.get(key)
    }

    /// A value of the architecture, such as `block_count`.
    pub(super) fn own(&self, key: &str) -> Option<&Value> {
        self.get(&format!("{}.{key}", self.family.architecture))
    }

    /// A whole number of the architecture.
    pub(crate) fn own_number(&self, key: &str) -> Option<usize> {
        self.own(key).and_then(whole)
    }

    pub(super) fn need(&self, key: &str) -> Result<usize> {
        self.own_number(key)
            .ok_or_else(|| self.error(&format!("{}.{key} is missing", self.family.architecture)))
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.to_bool().ok()
    }

    pub(super) fn list(&self, key: &str) -> Option<&[Value]> {
        match self.get(key)? {
            Value::Array(values) => Some(values),
            _ => None,
        }
    }

    pub(super) fn has_tensor(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }
}

/// Refuses a file that names more bytes than it has, before room is made for them.
fn refuse_beyond(content: &Content, size: u64, name: &str) -> Result<()> {
    for (tensor, info) in &content.tensor_infos {
        let numbers = info
            .shape
            .dims()
            .iter()
            .try_fold(1u64, |all, &dim| all.checked_mul(u64::try_from(dim).ok()?));
        let blocks = numbers.map(|numbers| numbers / info.ggml_dtype.block_size() as u64);
        let bytes =
            blocks.and_then(|blocks| blocks.checked_mul(info.ggml_dtype.type_size() as u64));
        let end = bytes.and_then(|bytes| {
            content.tensor_data_offset.checked_add(info.offset)?.checked_add(bytes)
        });
        if end.is_none_or(|end| end > size) {
            return Err(Error::model(format!(
                "{name}: tensor {tensor} lies beyond the file's {size} bytes: the file is damaged, or \
                 not complete"
            ))
            .with_help("download it again"));
        }
    }
    Ok(())
}

/// A whole number of any width.
pub(super) fn whole(value: &Value) -> Option<usize> {
    match *value {
        Value::U8(n) => Some(n.into()),
        Value::U16(n) => Some(n.into()),
        Value::U32(n) => usize::try_from(n).ok(),
        Value::U64(n) => usize::try_from(n).ok(),
        Value::I8(n) => usize::try_from(n).ok(),
        Value::I16(n) => usize::try_from(n).ok(),
        Value::I32(n) => usize::try_from(n).ok(),
        Value::I64(n) => usize::try_from(n).ok(),
        _ => None,
    }
}

/// A file that does not begin with a header we can read; a tensor's type is named.
fn unreadable(name: &str, error: &candle_core::Error) -> Error {
    let message = plain(error);
    let code = message.split("unknown dtype for tensor ").nth(1);
    let code = code.and_then(|rest| rest.split_whitespace().next()?.parse::<u32>().ok());
    match code {
        Some(code) => {
            Error::model(format!("{name}: tensors of type {} are not supported", type_name(code)))
                .with_help(
                    "choose a Q8_0, Q6_K, Q5_K, Q4_K or F16 file of the same model, or convert \
                     this one with llama.cpp: llama-quantize --allow-requantize FILE OUT Q8_0",
                )
        }
        None => Error::model(format!("{name} cannot be read as GGUF: {message}")),
    }
}

/// GGML's name of a tensor type.
fn type_name(code: u32) -> String {
    let known = [
        (16, "IQ2_XXS"),
        (17, "IQ2_XS"),
        (18, "IQ3_XXS"),
        (19, "IQ1_S"),
        (20, "IQ4_NL"),
        (21, "IQ3_S"),
        (22, "IQ2_S"),
        (23, "IQ4_XS"),
        (24, "I8"),
        (25, "I16"),
        (26, "I32"),
        (27, "I64"),
        (28, "F64"),
        (29, "IQ1_M"),
        (34, "TQ1_0"),
        (35, "TQ2_0"),
        (39, "MXFP4"),
    ];
    let name = known.iter().find(|(known, _)| *known == code).map(|(_, name)| *name);
    name.map_or_else(|| format!("number {code}"), str::to_owned)
}
