//! A target that answers as another did.

use std::collections::HashMap;

use async_trait::async_trait;

use super::Matrix;
use crate::model::{Completion, FinishReason, Model, Prompt, Request};
use crate::task::Task;
use crate::usage::Usage;
use crate::{Error, Result};

/// A model that answers a prompt as the target of a [`Matrix`] did, and knows no other prompt. An instruction that
/// OPRO has polished (a capital, a final period) has the answers that it had before.
pub struct Recorded {
    id: String,
    answers: HashMap<blake3::Hash, Completion>,
}

impl Recorded {
    /// The target of `matrix`, whose prompts `task` makes.
    ///
    /// # Errors
    /// [`Error::is_data`] when the matrix is of another task.
    pub fn of(matrix: &Matrix, task: &Task) -> Result<Self> {
        matrix.check(task)?;
        let mut answers = HashMap::new();
        for (text, line) in matrix.spelled() {
            for (example, cell) in line.cells(task) {
                let prompt = task.templates().prompt(&text, example)?;
                let answer = || completion(&cell.answer, cell.finish_reason);
                answers.entry(key(&prompt)).or_insert_with(answer);
            }
        }
        Ok(Self { id: format!("recorded:{}", matrix.about.target), answers })
    }

    fn one(&self, request: &Request) -> Result<Completion> {
        self.answers.get(&key(&request.prompt)).cloned().ok_or_else(|| {
            Error::model(format!("{} has no answer to this prompt", self.id))
                .with_help("a matrix knows its own instructions and rows alone")
        })
    }
}

fn key(prompt: &Prompt) -> blake3::Hash {
    blake3::hash(prompt.text().as_bytes())
}

fn completion(answer: &str, finish_reason: FinishReason) -> Completion {
    let usage = Usage { tokens_in: 1, tokens_out: 1 };
    Completion { finish_reason, usage, ..Completion::of(answer) }
}

#[async_trait]
impl Model for Recorded {
    fn id(&self) -> &str {
        &self.id
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn batch_size(&self) -> usize {
        1000
    }

    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        batch.iter().map(|request| self.one(request)).collect()
    }
}
