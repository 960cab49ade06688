//! The header of a GGUF file: metadata, and the tensors' names, types and shapes.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use motjuste::{Error, Result};

use super::content::{Content, Tensor};
use super::names::Family;
use super::value::Value;
use crate::kernel::blocks::Kind;

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
        let content = Content::read(&file)
            .map_err(|e| Error::model(format!("{name} cannot be read as GGUF: {e}")))?;
        refuse_unknown(&content, &name)?;
        refuse_beyond(&content, size, &name)?;
        let architecture = match content.metadata.get("general.architecture") {
            Some(Value::Text(architecture)) => architecture,
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
        let (kind, bytes) = self.stored(name)?;
        Ok(kind.numbers_of(&bytes))
    }

    /// A tensor as it is stored.
    pub(crate) fn stored(&self, name: &str) -> Result<(Kind, Vec<u8>)> {
        let tensor = self.content.tensors.get(name);
        let known = tensor.and_then(|tensor| Some((tensor, tensor.kind?, tensor.bytes()?)));
        let (tensor, kind, bytes) =
            known.ok_or_else(|| self.error(&format!("there is no tensor {name}")))?;
        let bytes = read_range(&self.path, tensor.offset, bytes);
        Ok((kind, bytes.map_err(|e| self.error(&format!("tensor {name}: {e}")))?))
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
        self.own(key).and_then(Value::whole)
    }

    pub(super) fn need(&self, key: &str) -> Result<usize> {
        self.own_number(key)
            .ok_or_else(|| self.error(&format!("{}.{key} is missing", self.family.architecture)))
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    pub(super) fn list(&self, key: &str) -> Option<&[Value]> {
        match self.get(key)? {
            Value::List(values) => Some(values),
            _ => None,
        }
    }

    pub(super) fn has_tensor(&self, name: &str) -> bool {
        self.content.tensors.contains_key(name)
    }
}

fn read_range(path: &Path, start: u64, length: usize) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Refuses a file with a tensor of a type that is not read.
fn refuse_unknown(content: &Content, name: &str) -> Result<()> {
    match content.tensors.values().filter(|tensor| tensor.kind.is_none()).map(|it| it.code).min() {
        None => Ok(()),
        Some(code) => Err(Error::model(format!(
            "{name}: tensors of type {} are not supported",
            type_name(code)
        ))
        .with_help(
            "choose a Q8_0, Q6_K, Q5_K, Q4_K or F16 file of the same model, or convert \
                     this one with llama.cpp: llama-quantize --allow-requantize FILE OUT Q8_0",
        )),
    }
}

/// Refuses a file that names more bytes than it has, before room is made for them.
fn refuse_beyond(content: &Content, size: u64, name: &str) -> Result<()> {
    let end = |tensor: &Tensor| tensor.offset.checked_add(tensor.bytes()? as u64);
    let is_beyond = |tensor: &Tensor| end(tensor).is_none_or(|end| end > size);
    let beyond = content.tensors.iter().filter(|(_, tensor)| is_beyond(tensor));
    match beyond.map(|(tensor, _)| tensor).min() {
        None => Ok(()),
        Some(tensor) => Err(Error::model(format!(
            "{name}: tensor {tensor} lies beyond the file's {size} bytes: the file is damaged, or not \
             complete"
        ))
        .with_help("download it again")),
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
