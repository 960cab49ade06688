//! Who writes instructions, and what each source asks.

use serde::{Deserialize, Serialize};

use super::ask::{self, Asked};
use super::{Chat, failures};
use crate::Result;
use crate::history::{Ask, History, Proposal, Step, Trial};
use crate::random::Stream;

/// Who writes instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// From train examples: what turns these inputs into these outputs?
    Induce,
    /// Other wordings of the best instruction so far.
    Paraphrase,
    /// From what the best instruction so far gets wrong on train rows.
    Reflect,
}

/// Instructions in a reply of `induce` and of `paraphrase`, and of `reflect`.
const MANY: usize = 4;
const FEW: usize = 2;

impl Chat {
    /// What is asked in the first step: instructions from examples, and other wordings of the prompt in use.
    pub(super) fn first(&self, history: &History, stream: &mut Stream) -> Result<Vec<Ask>> {
        let mut asked = Vec::new();
        if self.sources.contains(&Source::Induce) && history.train_rows() > 0 {
            for draw in 0..self.first {
                asked.push(self.induce(history, draw as u64, stream)?);
            }
        }
        if let (true, Some(start)) =
            (self.sources.contains(&Source::Paraphrase), history.start().first())
        {
            asked.push(self.paraphrase(history, start, self.first as u64)?);
        }
        if asked.is_empty() {
            asked.push(self.induce(history, 0, stream)?);
        }
        Ok(asked)
    }

    /// What is asked next: the sources in turn, those that are ready. Where none is, failures are being
    /// looked for, or the first source that needs none is asked.
    pub(super) fn next(&self, history: &History, stream: &mut Stream) -> Result<Vec<Ask>> {
        let Some(leader) = self.race.leader(history) else { return Ok(Vec::new()) };
        let step = history.steps().len();
        let turns =
            (0..self.sources.len()).map(|turn| self.sources[(step + turn) % self.sources.len()]);
        for source in turns {
            let draw = (step * (self.first + 1)) as u64;
            match source {
                Source::Induce => return Ok(vec![self.induce(history, draw, stream)?]),
                Source::Paraphrase => {
                    return Ok(vec![self.paraphrase(history, &leader.instruction, draw)?]);
                }
                Source::Reflect if failures(history, leader).next().is_some() => {
                    return Ok(vec![self.reflect(history, leader, draw)?]);
                }
                Source::Reflect => {}
            }
        }
        Ok(Vec::new())
    }

    fn induce(&self, history: &History, draw: u64, stream: &mut Stream) -> Result<Ask> {
        let rows = self.train_rows(history, stream);
        self.asked(history, MANY, draw).examples(&rows).procedure(ask::INDUCE, "")
    }

    fn paraphrase(&self, history: &History, instruction: &str, draw: u64) -> Result<Ask> {
        let asked = self.asked(history, MANY, draw).showing(history, instruction);
        asked.procedure(ask::PARAPHRASE, instruction)
    }

    fn reflect(&self, history: &History, leader: &Trial, draw: u64) -> Result<Ask> {
        let wrong: Vec<_> = failures(history, leader).collect();
        // Each visit shows others, until all were shown.
        let visits = history.steps().iter().filter(|step| shows(step, &leader.instruction)).count();
        let from = (visits * self.failures) % wrong.len().max(1);
        let chosen: Vec<_> =
            wrong.iter().cycle().skip(from).take(self.failures.min(wrong.len())).copied().collect();
        let examined = history.examined(leader.candidate);
        let mut examined = examined.into_iter().flat_map(|all| &all.per_example);
        let right = examined.find(|one| one.score == Some(1.0));
        self.asked(history, FEW, draw)
            .showing(history, &leader.instruction)
            .present(&leader.instruction)
            .failures(&chosen, right)
            .procedure(ask::REFLECT, &leader.instruction)
    }

    fn asked(&self, history: &History, count: usize, draw: u64) -> Asked {
        let longest = self.most_bytes(history.start());
        Asked::new(count, longest, history.start().first().map(String::as_str)).decoded(
            self.max_tokens,
            self.temperature,
            draw,
        )
    }
}

/// Whether a step asked for a better wording of an instruction.
fn shows(step: &Step, instruction: &str) -> bool {
    step.proposals.iter().any(|proposal| match proposal {
        Proposal::Ask(ask) => ask.shown.iter().any(|shown| shown.instruction == instruction),
        _ => false,
    })
}
