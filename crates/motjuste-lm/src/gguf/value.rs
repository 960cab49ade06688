//! What a GGUF file says of itself, value by value.

use std::io::{self, Read};

/// A value of the metadata; numbers of any width are those of the widest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Flag(bool),
    Text(String),
    List(Vec<Value>),
}

/// The most lists inside each other.
const DEPTH: usize = 8;

impl Value {
    /// A whole number.
    pub(super) fn whole(&self) -> Option<usize> {
        match *self {
            Self::Unsigned(n) => usize::try_from(n).ok(),
            Self::Signed(n) => usize::try_from(n).ok(),
            _ => None,
        }
    }

    /// A number with a fraction.
    pub(super) fn real(&self) -> Option<f32> {
        match *self {
            Self::Float(x) => Some(x as f32),
            _ => None,
        }
    }
}

/// Bytes of a file, one value after the other, and how many there are left.
pub(super) struct Bytes<R> {
    source: R,
    left: u64,
    read: u64,
}

impl<R: Read> Bytes<R> {
    pub(super) fn new(source: R, length: u64) -> Self {
        Self { source, left: length, read: 0 }
    }

    /// How many were read.
    pub(super) fn position(&self) -> u64 {
        self.read
    }

    pub(super) fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.source.read_exact(bytes)?;
        self.left = self.left.saturating_sub(bytes.len() as u64);
        self.read += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn u32(&mut self) -> io::Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> io::Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number of things of at least `size` bytes, refused before room is made for them.
    pub(super) fn count(&mut self, size: u64) -> io::Result<usize> {
        let count = self.u64()?;
        match count.checked_mul(size).is_some_and(|bytes| bytes <= self.left) {
            true => usize::try_from(count).map_err(|_| invalid("a count is too large")),
            false => Err(invalid(&format!("it says that {count} things follow, and ends before"))),
        }
    }

    /// A text: its length, then its bytes; those that are no UTF-8 become the replacement character.
    pub(super) fn text(&mut self) -> io::Result<String> {
        let mut bytes = vec![0; self.count(1)?];
        self.fill(&mut bytes)?;
        let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }

    /// A value: its type, then itself.
    pub(super) fn value(&mut self) -> io::Result<Value> {
        let kind = self.u32()?;
        self.of_kind(kind, 0)
    }

    fn of_kind(&mut self, kind: u32, depth: usize) -> io::Result<Value> {
        Ok(match kind {
            0 => Value::Unsigned(u8::from_le_bytes(self.array()?).into()),
            1 => Value::Signed(i8::from_le_bytes(self.array()?).into()),
            2 => Value::Unsigned(u16::from_le_bytes(self.array()?).into()),
            3 => Value::Signed(i16::from_le_bytes(self.array()?).into()),
            4 => Value::Unsigned(self.u32()?.into()),
            5 => Value::Signed(i32::from_le_bytes(self.array()?).into()),
            6 => Value::Float(f32::from_le_bytes(self.array()?).into()),
            7 => Value::Flag(self.array()? != [0u8]),
            8 => Value::Text(self.text()?),
            9 => self.list(depth)?,
            10 => Value::Unsigned(self.u64()?),
            11 => Value::Signed(i64::from_le_bytes(self.array()?)),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            other => return Err(invalid(&format!("there is no type {other} of values"))),
        })
    }

    fn list(&mut self, depth: usize) -> io::Result<Value> {
        let kind = self.u32()?;
        let count = self.count(if matches!(kind, 8 | 9) { 8 } else { 1 })?;
        match depth < DEPTH {
            true => Ok(Value::List(
                (0..count).map(|_| self.of_kind(kind, depth + 1)).collect::<io::Result<_>>()?,
            )),
            false => Err(invalid("its lists lie inside each other without end")),
        }
    }
}

/// Something that is not as the format says.
pub(super) fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Value};

    fn read(bytes: &[u8]) -> std::io::Result<Value> {
        Bytes::new(bytes, bytes.len() as u64).value()
    }

    /// The type, then the bytes.
    fn typed(kind: u32, bytes: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], bytes].concat()
    }

    #[test]
    fn every_type_is_read() {
        assert_eq!(read(&typed(3, &(-2i16).to_le_bytes())).unwrap(), Value::Signed(-2));
        assert_eq!(read(&typed(6, &0.5f32.to_le_bytes())).unwrap(), Value::Float(0.5));
        assert_eq!(read(&typed(7, &[1])).unwrap(), Value::Flag(true));
        let text = [&3u64.to_le_bytes()[..], b"ab\0"].concat();
        assert_eq!(read(&typed(8, &text)).unwrap(), Value::Text("ab".to_owned()));
        let list = [&2u32.to_le_bytes()[..], &2u64.to_le_bytes(), &[1, 0, 2, 0]].concat();
        let expected = Value::List(vec![Value::Unsigned(1), Value::Unsigned(2)]);
        assert_eq!(read(&typed(9, &list)).unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_there_is_refused_before_room_is_made() {
        let text = typed(8, &u64::MAX.to_le_bytes());
        assert!(read(&text).unwrap_err().to_string().contains("ends before"));
        let list = [&4u32.to_le_bytes()[..], &(1u64 << 60).to_le_bytes()].concat();
        assert!(read(&typed(9, &list)).is_err());
        assert!(read(&typed(99, &[])).unwrap_err().to_string().contains("99"));
        // Each list holds one list: nine letters more a level.
        let mut nested = 9u32.to_le_bytes().to_vec();
        (0..50)
            .for_each(|_| nested.extend([&9u32.to_le_bytes()[..], &1u64.to_le_bytes()].concat()));
        nested.extend([0; 64]);
        assert!(read(&nested).unwrap_err().to_string().contains("inside each other"));
    }
}
