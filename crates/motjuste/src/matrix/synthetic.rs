//! Matrices that are drawn, where the truth is known.

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::{About, Line, Matrix, Wording};
use crate::Result;
use crate::history::ExampleScore;
use crate::random::{Stream, Streams};
use crate::task::{Example, Task};

/// A drawn matrix: so many instructions on so many dev and as many test rows, with the task that it is of.
///
/// An instruction is six words of forty. Its ability is the sum of the words' weights and something of its own that
/// no word tells, in equal parts; a row has a difficulty. An answer is right with the probability
/// 1 / (1 + exp(difficulty - ability)) (Rasch 1960), drawn once for each pair. So words say half of what there is
/// to know, and the best instruction is known.
///
/// ```
/// use motjuste::matrix::synthetic;
/// let (task, matrix) = synthetic(200, 60, 1).unwrap();
/// assert!(matrix.lines.len() == 200 && task.test().len() == 60);
/// assert!(matrix.best() > 0.6);
/// ```
///
/// # Errors
/// None, as the task is valid.
pub fn synthetic(instructions: usize, rows: usize, seed: u64) -> Result<(Task, Matrix)> {
    let streams = Streams::new(seed);
    let mut stream = streams.stream("synthetic", instructions as u64);
    let task = task(instructions, rows, seed)?;
    let weights: Vec<f64> = (0..WORDS.len()).map(|_| normal(&mut stream)).collect();
    let difficulties: Vec<f64> = (0..2 * rows).map(|_| normal(&mut stream)).collect();
    let line = |index| {
        let mut stream = streams.stream("instruction", index);
        let words: Vec<&(usize, &str)> = WORDS.sample(&mut stream, LENGTH).collect();
        let told: f64 = words.iter().map(|(word, _)| weights[*word]).sum();
        let ability = (told / (LENGTH as f64).sqrt() + normal(&mut stream)) / 2.0_f64.sqrt();
        let text: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
        let mut scores =
            difficulties.iter().map(|difficulty| answered(ability - difficulty, &mut stream));
        let mut scores = |count: usize| -> Vec<ExampleScore> {
            scores.by_ref().take(count).enumerate().map(|(row, right)| cell(row, right)).collect()
        };
        let wording = Wording { instruction: text.join(" "), source: "synthetic".to_owned() };
        Line { wording, dev: scores(rows), test: scores(rows) }
    };
    let lines = (0..instructions as u64).map(line).collect();
    let about = About::of(&task, "synthetic", 8);
    Ok((task, Matrix { about, lines }))
}

/// Words of an instruction.
const LENGTH: usize = 6;

/// The words with their numbers.
const WORDS: [(usize, &str); 40] = {
    let words = [
        "answer", "brief", "careful", "decide", "exact", "first", "given", "honest", "input",
        "judge", "know", "label", "must", "name", "only", "plain", "question", "read", "say",
        "think", "use", "very", "word", "always", "best", "choose", "detail", "each", "find",
        "good", "how", "if", "just", "kind", "last", "mean", "next", "one", "pick", "reply",
    ];
    let mut numbered = [(0, ""); 40];
    let mut index = 0;
    while index < words.len() {
        numbered[index] = (index, words[index]);
        index += 1;
    }
    numbered
};

fn task(instructions: usize, rows: usize, seed: u64) -> Result<Task> {
    let examples = |split: &str, count: usize| {
        (0..count).map(|row| Example::new(format!("{split} {row}"), ["right"])).collect()
    };
    let name = format!("synthetic-{instructions}-{seed}");
    Task::new(name, examples("train", 8), examples("dev", rows), examples("test", rows))
}

fn cell(row: usize, right: bool) -> ExampleScore {
    let answer = if right { "right" } else { "wrong" };
    ExampleScore::new(row, Some(f64::from(right)), answer)
}

fn answered(log_odds: f64, stream: &mut Stream) -> bool {
    stream.random_bool(1.0 / (1.0 + (-log_odds).exp()))
}

/// A draw of the standard normal distribution (Box and Muller 1958).
fn normal(stream: &mut Stream) -> f64 {
    let radius = (-2.0 * (1.0 - stream.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * stream.random::<f64>()).cos()
}
