//! What a GGUF file holds: metadata, and where each tensor lies.
//!
//! The format (versions 2 and 3, little-endian): magic, version, the number of tensors and of values; key,
//! type and value of each; name, dimensions from the innermost, type and offset of each tensor; then, at a
//! multiple of the alignment, the tensors.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};

use super::value::{Bytes, Value, invalid};
use crate::kernel::blocks::Kind;

/// Every tensor begins at a multiple of this, unless the file says otherwise.
const ALIGNMENT: u64 = 32;

/// The most dimensions of a tensor.
const DIMENSIONS: u32 = 4;

/// The header of a file.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) metadata: HashMap<String, Value>,
    pub(crate) tensors: HashMap<String, Tensor>,
}

/// Where a tensor lies, and how.
#[derive(Debug, Clone)]
pub(crate) struct Tensor {
    /// The code of its type.
    pub(crate) code: u32,
    /// Its type; none where we know none of this code.
    pub(crate) kind: Option<Kind>,
    /// From the outermost dimension.
    pub(crate) shape: Vec<usize>,
    /// From the beginning of the file.
    pub(crate) offset: u64,
}

impl Content {
    pub(crate) fn read(file: &File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let mut bytes = Bytes::new(BufReader::new(file), length);
        check_version(&mut bytes)?;
        let (tensors, values) = (bytes.count(24)?, bytes.count(12)?);
        let metadata = (0..values).map(|_| Ok((bytes.text()?, bytes.value()?)));
        let metadata: HashMap<String, Value> = metadata.collect::<io::Result<_>>()?;
        let tensors = (0..tensors).map(|_| Ok((bytes.text()?, tensor(&mut bytes)?)));
        let mut tensors: HashMap<String, Tensor> = tensors.collect::<io::Result<_>>()?;
        let alignment = metadata.get("general.alignment").and_then(Value::whole);
        let alignment = alignment.map_or(ALIGNMENT, |alignment| alignment as u64).max(1);
        let data = bytes.position().next_multiple_of(alignment);
        for tensor in tensors.values_mut() {
            tensor.offset = tensor.offset.saturating_add(data);
        }
        Ok(Self { metadata, tensors })
    }
}

impl Tensor {
    /// How many numbers it has.
    pub(crate) fn numbers(&self) -> Option<usize> {
        self.shape.iter().try_fold(1usize, |all, &dimension| all.checked_mul(dimension))
    }

    /// How many bytes it takes; none where its type is unknown, its rows cannot be cut into blocks, or no file has so many.
    pub(crate) fn bytes(&self) -> Option<usize> {
        let (kind, numbers) = (self.kind?, self.numbers()?);
        let row = self.shape.last().copied().unwrap_or(1);
        let blocks = row.is_multiple_of(kind.numbers()).then(|| numbers / kind.numbers())?;
        blocks.checked_mul(kind.bytes())
    }
}

fn check_version<R: Read>(bytes: &mut Bytes<R>) -> io::Result<()> {
    match (bytes.array()?, bytes.u32()?) {
        ([b'G', b'G', b'U', b'F'], 2 | 3) => Ok(()),
        ([b'G', b'G', b'U', b'F'], version) => Err(invalid(&format!(
            "it is of version {version} of the format, and versions 2 and 3 in little-endian order are read"
        ))),
        _ => Err(invalid("it does not begin as a GGUF file does")),
    }
}

fn tensor<R: Read>(bytes: &mut Bytes<R>) -> io::Result<Tensor> {
    let dimensions = bytes.u32()?;
    if dimensions > DIMENSIONS {
        return Err(invalid(&format!("a tensor has {dimensions} dimensions")));
    }
    let size = |_| {
        bytes
            .u64()
            .and_then(|size| usize::try_from(size).map_err(|_| invalid("a size is too large")))
    };
    let mut shape = (0..dimensions).map(size).collect::<io::Result<Vec<_>>>()?;
    shape.reverse();
    let code = bytes.u32()?;
    Ok(Tensor { code, kind: Kind::of(code), shape, offset: bytes.u64()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_of_more_bytes_than_can_be_counted_has_no_size() {
        let of =
            |dimension| Tensor { code: 0, kind: Kind::of(0), shape: vec![dimension, 2], offset: 0 };
        assert_eq!(of(3).bytes(), Some(24));
        assert_eq!(of(usize::MAX / 4).bytes(), None);
        assert_eq!(of(usize::MAX).bytes(), None);
    }
}
