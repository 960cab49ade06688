//! Instruction induction (Honovich et al., arXiv 2205.10782), with the tasks that APE and
//! InstructZero added.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use rand::RngExt;
use rand::seq::SliceRandom;
use serde::Deserialize;

use super::{Dataset, Raw, read};
use crate::Result;
use crate::metric::{Mode, Published};
use crate::random::{Stream, Streams};
use crate::task::Example;

/// Examples by their number, from 1.
#[derive(Deserialize)]
struct File {
    examples: BTreeMap<u64, Item>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    input: String,
    output: String,
    cause: String,
    effect: String,
    items: Vec<String>,
    all_common_concepts: Vec<String>,
    other_rhymes: Vec<String>,
    possible_translations: Vec<String>,
}

/// Demonstrations at most; at least half of the induce part is scored on (APE's rule).
const DEMONSTRATIONS: usize = 100;

pub(super) fn load(folder: &Path, task: &str, mode: Mode) -> Result<Dataset> {
    let mut stream = Streams::new(0).stream("instruction induction", 0);
    let mut induce = examples(&folder.join("induce"), task, mode, &mut stream)?;
    let held_out = folder.join("execute").join(format!("{task}.json"));
    let test = match held_out.exists() {
        true => examples(&folder.join("execute"), task, mode, &mut stream)?,
        // Some tasks come without a held-out part: a fifth of the examples takes its place.
        false => {
            induce.shuffle(&mut stream);
            induce.split_off(induce.len() - induce.len() / 5)
        }
    };
    if mode == Mode::Strict {
        let held_out: HashSet<&str> = test.iter().map(|example| example.input.trim()).collect();
        induce.retain(|example| !held_out.contains(example.input.trim()));
    }
    induce.shuffle(&mut stream);
    let scored = induce.split_off((induce.len() / 2).min(DEMONSTRATIONS));
    let name = format!("instruction_induction-{task}");
    Ok(Raw { name, metric: metric(task), spare: induce, scored, test }.finish(mode))
}

fn examples(folder: &Path, task: &str, mode: Mode, stream: &mut Stream) -> Result<Vec<Example>> {
    let path = folder.join(format!("{task}.json"));
    let file: File = read::json(&path)?;
    Ok(file.examples.into_values().map(|item| item.example(task, mode, stream)).collect())
}

impl Item {
    fn example(self, task: &str, mode: Mode, stream: &mut Stream) -> Example {
        let (input, outputs) = match task {
            "cause_and_effect" => (self.in_either_order(stream), vec![self.cause]),
            "common_concept" => {
                let shown = self.items.len().saturating_sub(1);
                (self.items[..shown].join(", "), self.all_common_concepts)
            }
            "rhymes" => (self.input.clone(), self.rhymes(mode)),
            _ if task.starts_with("translation_") => (self.input, self.possible_translations),
            _ => (self.input, vec![self.output]),
        };
        Example::new(input, outputs)
    }

    fn in_either_order(&self, stream: &mut Stream) -> String {
        let (first, second) = match stream.random_bool(0.5) {
            true => (&self.cause, &self.effect),
            false => (&self.effect, &self.cause),
        };
        format!("Sentence 1: {first} Sentence 2: {second}")
    }

    /// Every word rhymes with itself: strict does not accept the input as its own rhyme.
    fn rhymes(self, mode: Mode) -> Vec<String> {
        let mut rhymes = self.other_rhymes;
        if mode == Mode::Strict {
            rhymes.retain(|rhyme| !rhyme.trim().eq_ignore_ascii_case(self.input.trim()));
        }
        rhymes
    }
}

fn metric(task: &str) -> Published {
    match task {
        "common_concept" | "informal_to_formal" => Published::F1,
        "orthography_starts_with" | "taxonomy_animal" => Published::ExactSet,
        "synonyms" => Published::Contains,
        _ => Published::ExactMatch,
    }
}
