//! Tensors of safetensors files, one or several, read one by one.
//!
//! Nothing but the headers is kept: a tensor's bytes are read when it is asked for, so loading a
//! model needs little more memory than the model.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use motjuste::{Error, Result};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::Deserialize;

use super::Stored;
use crate::kernel::blocks::Kind;

/// The tensors of one or several files.
pub(crate) struct Safetensors<'a> {
    files: Vec<Opened<'a>>,
}

impl<'a> Safetensors<'a> {
    /// A file in memory.
    pub(crate) fn in_memory(bytes: &'a [u8]) -> Result<Self> {
        let source = Source::Memory(bytes);
        Ok(Self { files: vec![Opened::open(source, "model.safetensors")?] })
    }
}

impl Safetensors<'_> {
    /// `model.safetensors`, or the files that `model.safetensors.index.json` names.
    ///
    /// # Errors
    /// When neither is there, or a file is not what it should be.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self> {
        let index = folder.join("model.safetensors.index.json");
        let names = if index.is_file() { shards(&index)? } else { vec![SINGLE.to_owned()] };
        let open = |name: &String| Opened::open(Source::File(folder.join(name)), name);
        Ok(Self { files: names.iter().map(open).collect::<Result<_>>()? })
    }

    /// A tensor as it is stored.
    pub(crate) fn stored(&self, name: &str, shape: &[usize]) -> Result<Stored<'_>> {
        let found = self.files.iter().find_map(|file| Some((file, file.tensors.info(name)?)));
        let Some((file, info)) = found else {
            return Err(Error::model(format!("the model's files have no tensor {name}"))
                .with_help("the files do not belong to this config.json, or are not complete"));
        };
        if info.shape != shape {
            return Err(Error::model(format!(
                "{}: tensor {name} has shape {:?}, but config.json implies {shape:?}",
                file.name, info.shape
            )));
        }
        file.stored(info).map_err(|e| file.unreadable(&format!("tensor {name}: {e}")))
    }

    /// The names and shapes of all tensors, in the order of their names.
    pub(crate) fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let all = self.files.iter().flat_map(|file| file.tensors.tensors());
        let sorted: BTreeMap<_, _> = all.map(|(name, info)| (name, info.shape.clone())).collect();
        sorted.into_iter().collect()
    }

    /// The type of each tensor that we read, and how many numbers it has.
    pub(crate) fn kinds(&self) -> Vec<(Kind, usize)> {
        let all = self.files.iter().flat_map(|file| file.tensors.tensors().into_values());
        all.filter_map(|info| Some((kind(info.dtype).ok()?, info.shape.iter().product()))).collect()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.data + file.tensors.data_len() as u64).sum()
    }

    pub(crate) fn hash(&self, hasher: &mut blake3::Hasher) -> Result<()> {
        for file in &self.files {
            file.source.hash(hasher).map_err(|e| file.unreadable(&e.to_string()))?;
        }
        Ok(())
    }
}

const SINGLE: &str = "model.safetensors";

/// The most bytes of a header: the limit of the format's own library.
const LONGEST_HEADER: u64 = 100_000_000;

/// The files of an index, in the order of their names.
pub(crate) fn shards(index: &Path) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    let unreadable = |e: String| Error::model(format!("{}: {e}", index.display()));
    let bytes = std::fs::read(index).map_err(|e| unreadable(e.to_string()))?;
    let index: Index = serde_json::from_slice(&bytes).map_err(|e| unreadable(e.to_string()))?;
    let mut names: Vec<String> = index.weight_map.into_values().collect();
    names.sort_unstable();
    names.dedup();
    match names.iter().find(|name| name.contains(['/', '\\']) || name.starts_with('.')) {
        Some(name) => Err(unreadable(format!("`{name}` is not the name of a file beside it"))),
        None => Ok(names),
    }
}

/// A file whose header was read.
struct Opened<'a> {
    name: String,
    source: Source<'a>,
    tensors: Metadata,
    /// Where the tensors' bytes begin.
    data: u64,
}

impl<'a> Opened<'a> {
    fn open(source: Source<'a>, name: &str) -> Result<Self> {
        let (tensors, data) = header(&source).map_err(|e| unreadable(name, &e.to_string()))?;
        let (expected, found) = (data + tensors.data_len() as u64, source.len());
        match found {
            Ok(found) if found == expected => {
                Ok(Self { name: name.to_owned(), source, tensors, data })
            }
            Ok(found) => Err(unreadable(
                name,
                &format!("it has {found} bytes where its header says {expected}"),
            )),
            Err(e) => Err(unreadable(name, &e.to_string())),
        }
    }

    fn stored(&self, info: &TensorInfo) -> io::Result<Stored<'_>> {
        let (start, end) = info.data_offsets;
        let numbers = info.shape.iter().try_fold(1usize, |all, dim| all.checked_mul(*dim));
        let bits = numbers.and_then(|numbers| numbers.checked_mul(info.dtype.bitsize()));
        if bits.is_none() || end.checked_sub(start) != bits.map(|bits| bits / 8) {
            return Err(invalid("its bytes are not as many as its shape says"));
        }
        let bytes = self.source.read(self.data + start as u64..self.data + end as u64)?;
        Ok(Stored { kind: kind(info.dtype)?, bytes })
    }

    fn unreadable(&self, why: &str) -> Error {
        unreadable(&self.name, why)
    }
}

fn unreadable(name: &str, why: &str) -> Error {
    Error::model(format!("{name} cannot be read: {why}"))
        .with_help("the model's weights are expected in safetensors files; download them again")
}

/// The header and where the bytes behind it begin: a length of 8 bytes, then JSON.
fn header(source: &Source) -> io::Result<(Metadata, u64)> {
    let length = source.read(0..8)?;
    let length = length.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)).unwrap_or_default();
    let end = length.saturating_add(8);
    if end > source.len()? || end > LONGEST_HEADER {
        return Err(invalid("it does not begin with a header"));
    }
    let tensors = serde_json::from_slice(&source.read(8..end)?)?;
    Ok((tensors, end))
}

/// A floating-point type.
fn kind(dtype: Dtype) -> io::Result<Kind> {
    match dtype {
        Dtype::F32 => Ok(Kind::F32),
        Dtype::F16 => Ok(Kind::F16),
        Dtype::BF16 => Ok(Kind::Bf16),
        other => Err(invalid(&format!("its type {other} is none of F32, F16 and BF16"))),
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Bytes that can be read in parts.
enum Source<'a> {
    Memory(&'a [u8]),
    File(PathBuf),
}

impl Source<'_> {
    fn len(&self) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => Ok(bytes.len() as u64),
            Self::File(path) => Ok(path.metadata()?.len()),
        }
    }

    fn read(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Self::Memory(bytes) => bytes
                .get(range.start as usize..range.end as usize)
                .map(Cow::Borrowed)
                .ok_or_else(|| invalid("it ends early")),
            Self::File(path) => read_range(path, range).map(Cow::Owned),
        }
    }

    fn hash(&self, hasher: &mut blake3::Hasher) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => hasher.update(bytes),
            Self::File(path) => hasher.update_reader(File::open(path)?)?,
        };
        Ok(())
    }
}

fn read_range(path: &Path, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
