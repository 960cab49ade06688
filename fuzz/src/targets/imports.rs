//! Files of other tools.

use motjuste::task::FileFormat;
use motjuste_convert::{Format, import, survey};

use crate::memory::{choice, folder};

const FORMATS: [Option<Format>; 8] = [
    None,
    Some(Format::Promptfoo),
    Some(Format::Openai),
    Some(Format::OpenaiEvals),
    Some(Format::Messages),
    Some(Format::Mlflow),
    Some(Format::Langfuse),
    Some(Format::Dspy),
];

const NAMES: [&str; 4] = ["a.yaml", "a.json", "a.jsonl", "a.csv"];

/// The first byte chooses the format (3 bits) and the ending (2); the rest is the file.
pub fn run(data: &[u8]) {
    let (choice, bytes) = choice(data);
    let name = NAMES[usize::from(choice >> 3 & 3)];
    let path = folder(&[(name, bytes)]).join(name);
    let _ = import(FORMATS[usize::from(choice & 7)], &[path.clone()]);
    if let Ok(survey) = survey(&path, &FileFormat::default()) {
        let columns = survey.columns();
        columns.iter().for_each(|column| drop(survey.guess(column)));
    }
}
