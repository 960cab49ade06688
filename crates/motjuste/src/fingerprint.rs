//! What tells one version of a command from another: the files that its words name.

use std::path::Path;

/// A hash of those words of a command that name files in `folder`: when such a file changes, the command is
/// another one.
///
/// ```
/// use std::path::Path;
/// let words = ["python3", "absent.py"].map(str::to_owned);
/// assert_eq!(motjuste::fingerprint::files(&words, Path::new(".")).len(), 16);
/// ```
pub fn files(words: &[String], folder: &Path) -> String {
    let mut hasher = blake3::Hasher::new();
    for content in words.iter().filter_map(|word| std::fs::read(folder.join(word)).ok()) {
        hasher.update(&content);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}
