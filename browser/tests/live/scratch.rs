//! A scratch folder, and the binary to run there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A folder of its own for one test.
pub struct Scratch {
    folder: tempfile::TempDir,
    binary: PathBuf,
}

impl Scratch {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), binary: binary() }
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(name), content).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(self.folder.path()).args(arguments);
        command.env_remove("MOTJUSTE_STORE").env_remove("MOTJUSTE_SERVE_TOKEN");
        command
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }
}

/// The program that is tested: the one of a debug build, or the one that `MOTJUSTE_BINARY` names.
fn binary() -> PathBuf {
    let built = || {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or(repository().join("target"), PathBuf::from);
        target.join("debug/motjuste")
    };
    let binary = std::env::var_os("MOTJUSTE_BINARY").map_or_else(built, PathBuf::from);
    assert!(binary.exists(), "there is no program at {}: `cargo build` makes it", binary.display());
    binary
}

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
