//! Every target returns for everything in its corpus: seeds of our own, and what a fuzzer once found.

use std::path::{Path, PathBuf};

use motjuste_fuzz::TARGETS;

/// The most bytes of a corpus.
const LARGEST: usize = 50_000;

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn inputs(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(corpora().join(target)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn every_target_returns_for_its_corpus() {
    for (name, run) in TARGETS {
        for (path, bytes) in inputs(name) {
            eprintln!("{}", path.display());
            run(&bytes);
            let cut = &bytes[..bytes.len() / 2];
            run(cut);
        }
        run(b"");
    }
}

#[test]
fn every_target_has_a_small_corpus_and_every_corpus_a_target() {
    for (name, _) in TARGETS {
        let inputs = inputs(name);
        assert!(inputs.len() >= 3, "{name} has {} seeds", inputs.len());
        let bytes: usize = inputs.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes <= LARGEST, "the corpus of {name} has {bytes} bytes");
    }
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
    for entry in std::fs::read_dir(corpora()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(programs.join(format!("{name}.rs")).is_file(), "{name} has no program");
    }
}
