//! Rows of Parquet files.

use std::panic::{set_hook, take_hook};
use std::path::Path;
use std::sync::Once;
use std::thread;

use motjuste::task::FileFormat;

static SILENCE: Once = Once::new();

/// The bytes are the file. The reader's own thread may end, which is an error that is told; so the hook that takes any
/// panic for a fault does not hear of it.
pub fn run(data: &[u8]) {
    SILENCE.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |panic| match thread::current().name() {
            Some("parquet") => {}
            _ => hook(panic),
        }));
    });
    let _ = FileFormat::default().rows_in(data.to_vec(), Path::new("a.parquet"));
}
