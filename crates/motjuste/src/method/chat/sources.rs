//! What each source asks.

use rand::RngExt;

use super::Chat;
use super::ask::{self, Asked};
use super::examine::failures;
use super::pairs::{EACH_WAY, Pair, answer};
use super::paragraphs::paragraphs;
use super::source::{Source, asks, is_by};
use super::tags::Form;
use crate::Result;
use crate::history::{Ask, ExampleScore, History, Proposal, Trial};
use crate::random::Stream;

/// Instructions in a reply of `induce` and of `paraphrase`, and of `reflect` and `combine`.
const MANY: usize = 4;
const FEW: usize = 2;

/// An instruction of more characters than this is changed part by part.
const LONG: usize = 1500;

impl Chat {
    /// What is asked in the first step: instructions from examples, and other wordings of the prompt in use.
    pub(super) fn first(&self, history: &History, stream: &mut Stream) -> Result<Vec<Ask>> {
        let mut asked = Vec::new();
        if self.has(Source::Induce) && history.train_rows() > 0 {
            for draw in 0..self.first {
                asked.push(self.induce(history, draw as u64, stream)?);
            }
        }
        if let (true, Some(start)) = (self.has(Source::Paraphrase), history.start().first()) {
            asked.push(self.paraphrase(history, start, self.first as u64, stream)?);
        }
        if asked.is_empty() {
            asked.push(self.induce(history, 0, stream)?);
        }
        Ok(asked)
    }

    /// What is written next, by one of the sources that are ready. Where none is, failures are being looked for. Where no reply brought an
    /// instruction yet, examples are shown again, others.
    pub(super) fn next(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        if history.candidates().is_empty() {
            return Ok(vec![self.induce(history, self.next_draw(history), stream)?.into()]);
        }
        let parents = self.parents(history);
        let Some(source) = self.chosen(history, &self.ready(history, &parents), stream) else {
            return Ok(Vec::new());
        };
        match self.drawn(history, &ready_for(source, history, &parents), stream) {
            None => Ok(Vec::new()),
            Some(parent) if source == Source::Demonstrate => {
                Ok(self.demonstrate(history, parent, stream))
            }
            Some(parent) => Ok(vec![self.asking(source, history, parent, stream)?.into()]),
        }
    }

    /// The number of the next draw of a reply: that of no reply before it.
    fn next_draw(&self, history: &History) -> u64 {
        (history.steps().len() * (self.first + 1)) as u64
    }

    fn asking(
        &self,
        source: Source,
        history: &History,
        parent: &Trial,
        stream: &mut Stream,
    ) -> Result<Ask> {
        let draw = self.next_draw(history);
        match (source, self.pair(history)) {
            (Source::Paraphrase, _) => self.paraphrase(history, &parent.instruction, draw, stream),
            (Source::Reflect, _) => self.reflect(history, parent, draw),
            (Source::Combine, Some(pair)) => self.combine(history, pair, draw),
            (Source::Induce | Source::Combine | Source::Demonstrate, _) => {
                self.induce(history, draw, stream)
            }
        }
    }

    /// The sources that have something to write about, in the order of the setting.
    fn ready(&self, history: &History, parents: &[&Trial]) -> Vec<Source> {
        let is_ready = |source: &Source| match source {
            Source::Combine => self.pair(history).is_some(),
            Source::Demonstrate if history.train_rows() == 0 => false,
            other => !ready_for(*other, history, parents).is_empty(),
        };
        self.sources.iter().copied().filter(is_ready).collect()
    }

    fn induce(&self, history: &History, draw: u64, stream: &mut Stream) -> Result<Ask> {
        let rows = self.train_rows(history, stream);
        let asked = self.asked(history, Source::Induce, MANY, draw);
        asked.examples(&rows).procedure(ask::INDUCE, "")
    }

    fn paraphrase(
        &self,
        history: &History,
        instruction: &str,
        draw: u64,
        stream: &mut Stream,
    ) -> Result<Ask> {
        let asked = self.asked(history, Source::Paraphrase, MANY, draw);
        let asked = asked.showing(history, instruction);
        let parts = if is_long(instruction) { paragraphs(instruction) } else { Vec::new() };
        if parts.is_empty() {
            return asked.procedure(ask::PARAPHRASE, instruction);
        }
        let drawn = stream.random_range(0..parts.len());
        let paragraph = &instruction[parts[drawn].clone()];
        let asked = asked.present(instruction).wanting(Form::Paragraph(drawn + 1));
        asked.procedure(ask::PARAGRAPH, paragraph)
    }

    fn reflect(&self, history: &History, leader: &Trial, draw: u64) -> Result<Ask> {
        let wrong: Vec<_> = failures(history, leader).collect();
        let visits = visits(history, Source::Reflect, &[&leader.instruction]);
        let chosen = turned(&wrong, visits, self.failures);
        let examined = history.examined(leader.candidate);
        let mut examined = examined.into_iter().flat_map(|all| &all.per_example);
        let right = examined.find(|one| one.score == Some(1.0));
        let (procedure, form) = match is_long(&leader.instruction) {
            true => (ask::REFLECT_EDITS, Form::Edits),
            false => (ask::REFLECT, Form::Instructions),
        };
        self.asked(history, Source::Reflect, FEW, draw)
            .showing(history, &leader.instruction)
            .present(&leader.instruction)
            .failures(&chosen, right)
            .wanting(form)
            .procedure(procedure, &leader.instruction)
    }

    /// One instruction of two: with rows on which the other one is right, what each of them answers.
    fn combine(&self, history: &History, pair: Pair<'_>, draw: u64) -> Result<Ask> {
        let (a, b) = (pair.a.instruction.as_str(), pair.b.instruction.as_str());
        let visits = visits(history, Source::Combine, &[a, b]);
        let (of_a, of_b) = pair.told_apart(history);
        let wrong = |trial, rows: &[usize]| -> Vec<&ExampleScore> {
            let rows = turned(rows, visits, EACH_WAY);
            rows.into_iter().filter_map(|row| answer(history, trial, row)).collect()
        };
        let (procedure, form) = match is_long(a) {
            true => (ask::COMBINE_EDITS, Form::Edits),
            false => (ask::COMBINE, Form::Instructions),
        };
        self.asked(history, Source::Combine, FEW, draw)
            .showing(history, a)
            .showing(history, b)
            .both(a, b)
            .answers("What the model answers with B, where A is right", &wrong(pair.b, &of_a))
            .answers("What the model answers with A, where B is right", &wrong(pair.a, &of_b))
            .wanting(form)
            .procedure(procedure, a)
    }

    fn asked(&self, history: &History, source: Source, count: usize, draw: u64) -> Asked {
        let longest = self.most_bytes(history.start());
        Asked::new(count, longest, history.start().first().map(String::as_str))
            .by(source.name())
            .decoded(self.max_tokens, self.temperature, draw)
    }
}

/// Those of these parents that a source has something to write about.
fn ready_for<'a>(source: Source, history: &History, parents: &[&'a Trial]) -> Vec<&'a Trial> {
    let fails = |trial: &&&Trial| failures(history, trial).next().is_some();
    match source {
        Source::Reflect => parents.iter().filter(fails).copied().collect(),
        _ => parents.to_vec(),
    }
}

/// Whether an instruction is changed part by part.
fn is_long(instruction: &str) -> bool {
    instruction.chars().count() > LONG
}

/// So many of these at the most: each visit shows others, until all were shown.
fn turned<T: Copy>(all: &[T], visits: usize, most: usize) -> Vec<T> {
    let from = (visits * most) % all.len().max(1);
    all.iter().cycle().skip(from).take(most.min(all.len())).copied().collect()
}

/// How often a source asked about these instructions.
fn visits(history: &History, source: Source, instructions: &[&str]) -> usize {
    let asks = history.steps().iter().flat_map(asks).filter(|ask| is_by(ask, source));
    asks.filter(|ask| {
        ask.shown.iter().map(|it| it.instruction.as_str()).eq(instructions.iter().copied())
    })
    .count()
}
