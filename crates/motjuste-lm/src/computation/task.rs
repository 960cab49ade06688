//! What a trigger is to bring about, and how well it does.

use std::collections::{BTreeMap, BTreeSet};

use motjuste::model::SwapLoss;
use motjuste::{Error, Result};

use super::exact::Question;
use super::open::Open;
use super::rows::{Row, answer};
use crate::gradient::Aim;

/// The loss of a trigger search on one model.
pub(super) struct Task<'a> {
    open: &'a Open<'a>,
    loss: Loss<'a>,
}

enum Loss<'a> {
    /// Of the right answer, token by token; and the answers that there are.
    Answer(&'a [String]),
    /// Of the tokens that stand for the right label.
    Labels(BTreeMap<&'a str, Vec<u32>>),
}

/// A trigger's loss on some rows, and the share of rows that it gets right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    pub(super) loss: f64,
    pub(super) accuracy: Option<f64>,
}

impl<'a> Task<'a> {
    /// # Errors
    /// When a label has no tokens, or tokens that the model does not have.
    pub(super) fn new(open: &'a Open<'a>, loss: &'a SwapLoss) -> Result<Self> {
        let loss = match loss {
            SwapLoss::Answer { answers } => Loss::Answer(answers),
            SwapLoss::Labels(labels) => Loss::Labels(label_sets(open, labels)?),
        };
        Ok(Self { open, loss })
    }

    /// What is read for the gradient on a row, and what is to follow where.
    pub(super) fn aims(&self, row: &Row, trigger: &[u32]) -> Result<(Vec<u32>, Vec<Aim>)> {
        let mut tokens = row.prompt(trigger);
        let last = tokens.len() - 1;
        if let Loss::Labels(labels) = &self.loss {
            let own = own(labels, row)?.clone();
            return Ok((tokens, vec![Aim { place: last, tokens: own }]));
        }
        let answer = answer(self.open, row, &row.answer)?;
        tokens.extend(&answer[..answer.len() - 1]);
        let aim = |(i, &token): (usize, &u32)| Aim { place: last + i, tokens: vec![token] };
        Ok((tokens, answer.iter().enumerate().map(aim).collect()))
    }

    /// What is asked about a row: of its answer first, then of the others; or of all labels at once.
    pub(super) fn questions(&self, row: &Row, trigger: &[u32]) -> Result<Vec<Question>> {
        let prompt = row.prompt(trigger);
        match &self.loss {
            Loss::Labels(labels) => {
                own(labels, row)?;
                let sets = labels.values().cloned().collect();
                Ok(vec![Question::sets(self.open, prompt, sets)?])
            }
            Loss::Answer(_) => {
                let options = self.options(row);
                let question = |text: &String| {
                    Question::answer(self.open, &prompt, &answer(self.open, row, text)?)
                };
                options.into_iter().map(question).collect()
            }
        }
    }

    /// Loss and accuracy from the losses of all questions about some rows.
    pub(super) fn measured(&self, rows: &[Row], mut lost: &[Vec<f64>]) -> Measured {
        let (mut loss, mut right) = (0.0, 0);
        for row in rows {
            let (own, others, rest) = self.split(row, lost);
            lost = rest;
            loss += own;
            right += usize::from(others.iter().all(|&other| own < other));
        }
        let rows = rows.len() as f64;
        let accuracy = self.is_choice().then_some(right as f64 / rows);
        Measured { loss: loss / rows, accuracy }
    }

    /// The tokens that occur in an answer.
    pub(super) fn answer_tokens<'r>(
        &self,
        rows: impl Iterator<Item = &'r Row>,
    ) -> Result<BTreeSet<u32>> {
        match &self.loss {
            Loss::Labels(labels) => Ok(labels.values().flatten().copied().collect()),
            Loss::Answer(answers) => {
                let mut tokens = BTreeSet::new();
                for row in rows {
                    for text in std::iter::once(&row.answer).chain(*answers) {
                        tokens.extend(answer(self.open, row, text)?);
                    }
                }
                Ok(tokens)
            }
        }
    }

    /// A row's own loss, those of what else there is to answer, and what is left for the next rows.
    fn split<'l>(&self, row: &Row, lost: &'l [Vec<f64>]) -> (f64, Vec<f64>, &'l [Vec<f64>]) {
        match &self.loss {
            Loss::Labels(labels) => {
                let own = labels.keys().position(|label| *label == row.answer).unwrap_or(0);
                let mut others = lost[0].clone();
                (others.remove(own), others, &lost[1..])
            }
            Loss::Answer(_) => {
                let (own, rest) = lost.split_at(self.options(row).len());
                (own[0][0], own[1..].iter().map(|lost| lost[0]).collect(), rest)
            }
        }
    }

    /// A row's answer, then the others that there are.
    fn options<'r>(&'r self, row: &'r Row) -> Vec<&'r String> {
        let Loss::Answer(answers) = &self.loss else { return Vec::new() };
        let others = answers.iter().filter(|other| **other != row.answer);
        std::iter::once(&row.answer).chain(others).collect()
    }

    /// Whether there is something to choose from, so that a row can be right or wrong.
    fn is_choice(&self) -> bool {
        match &self.loss {
            Loss::Answer(answers) => !answers.is_empty(),
            Loss::Labels(_) => true,
        }
    }
}

/// The labels' tokens, each once.
fn label_sets<'a>(
    open: &Open,
    labels: &'a BTreeMap<String, Vec<u32>>,
) -> Result<BTreeMap<&'a str, Vec<u32>>> {
    let set = |(label, tokens): (&'a String, &Vec<u32>)| {
        if tokens.is_empty() {
            return Err(Error::configuration(format!("no token stands for the label `{label}`"))
                .with_help("give every label at least one token"));
        }
        open.check_known(tokens)?;
        let set: BTreeSet<u32> = tokens.iter().copied().collect();
        Ok((&label[..], set.into_iter().collect()))
    };
    labels.iter().map(set).collect()
}

/// The tokens that stand for a row's label.
fn own<'l>(labels: &'l BTreeMap<&str, Vec<u32>>, row: &Row) -> Result<&'l Vec<u32>> {
    labels.get(&row.answer[..]).ok_or_else(|| {
        Error::configuration(format!("no token stands for the label `{}`", row.answer))
            .with_help("give every label at least one token")
    })
}
