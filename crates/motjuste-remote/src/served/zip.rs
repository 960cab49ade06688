//! A ZIP archive of stored entries (PKWARE's APPNOTE.TXT, 4.3): no compression, no dates.

const VERSION: u16 = 20;
/// 1 January 1980, the first day that the format knows.
const DATE: u16 = (1 << 5) | 1;

struct Entry<'a> {
    name: &'a str,
    content: &'a [u8],
    offset: u32,
}

/// The archive. Contents are below 4 GiB together, as the caller has checked.
pub(super) fn store(contents: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut entries = Vec::with_capacity(contents.len());
    for &(name, content) in contents {
        let entry = Entry { name, content, offset: out.len() as u32 };
        out.extend(b"PK\x03\x04");
        entry.header(&mut out);
        out.extend(name.as_bytes());
        out.extend(content);
        entries.push(entry);
    }
    directory(&mut out, &entries);
    out
}

/// The central directory and its end.
fn directory(out: &mut Vec<u8>, entries: &[Entry]) {
    let start = out.len();
    for entry in entries {
        out.extend(b"PK\x01\x02");
        out.extend(VERSION.to_le_bytes());
        entry.header(out);
        // No comment, disk 0, no attributes.
        out.extend([0; 10]);
        out.extend(entry.offset.to_le_bytes());
        out.extend(entry.name.as_bytes());
    }
    let (size, count) = (out.len() - start, entries.len() as u16);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend((size as u32).to_le_bytes());
    out.extend((start as u32).to_le_bytes());
    // No comment.
    out.extend([0; 2]);
}

impl Entry<'_> {
    /// What a local header and the directory have in common.
    fn header(&self, out: &mut Vec<u8>) {
        let size = (self.content.len() as u32).to_le_bytes();
        out.extend(VERSION.to_le_bytes());
        // No flags, stored, no time of day.
        out.extend([0; 6]);
        out.extend(DATE.to_le_bytes());
        out.extend(crc32fast::hash(self.content).to_le_bytes());
        out.extend([size, size].concat());
        out.extend((self.name.len() as u16).to_le_bytes());
        // No extra field.
        out.extend([0; 2]);
    }
}
