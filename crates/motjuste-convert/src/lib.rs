//! Conversions: task folders from the files of other tools, and results in the forms of those tools.
//!
//! [`import`] reads files of promptfoo, OpenAI's evals, chat transcripts, MLflow, Langfuse or DSPy, and gives
//! a task folder as data, with a list of what could not be carried over. [`survey`] looks at a file of
//! rows, and [`Wishes::task_file`] writes a task for it. [`export`] writes a found prompt in another tool's form.
//! Nothing here calls a model or prints.
//!
//! ```
//! # fn main() -> motjuste::Result<()> {
//! use motjuste_convert::{Format, import};
//! let folder = tempfile::tempdir().unwrap();
//! let rows = folder.path().join("rows.jsonl");
//! let line = r#"{"inputs": {"question": "hot?"}, "expectations": {"expected_response": "cold"}}"#;
//! std::fs::write(&rows, line).unwrap();
//! let imported = import(None, &[rows])?;
//! assert_eq!(imported.format, Format::Mlflow);
//! assert!(imported.files["task.toml"].contains("output = \"expected_response\""));
//! # Ok(())
//! # }
//! ```

mod checks;
mod document;
mod draft;
mod explain;
mod export;
mod fields;
mod folder;
mod import;
mod infer;
mod init;
mod judge;
mod names;
mod notes;
mod prompt;

pub use export::{Deployment, Exported, Target, export};
pub use import::{Format, Imported, detect, import};
pub use infer::{Guess, Survey, survey};
pub use init::{Wishes, check_metric};
pub use notes::Notes;
