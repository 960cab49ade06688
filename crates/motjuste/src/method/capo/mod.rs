//! CAPO: instructions and examples evolve together, and are raced (Zehle, Schlager, Heiß and Feurer, arXiv 2504.16005).
//!
//! The generator guesses the first instructions from train rows; each gets a draw of train rows as examples. Then, as
//! long as the budget lasts (algorithm 1 of the paper): parents are drawn, the generator crosses the words of two
//! (section 3.2), writes the result anew, and the child gets examples of both, one more, one less or as many. Children
//! and population are raced: block by block of dev rows, who is behind as many others as may be left, by a paired t
//! test, is out (section 3.3). A score is less the longer the prompt is (section 3.4).
//!
//! | symbol | meaning |
//! |---|---|
//! | μ | instructions in the population |
//! | c | crosses in an iteration |
//! | k | examples in an instruction at the most |
//! | b, z | rows of a block, blocks of a race at the most |
//! | α | level of the test |
//! | γ | what an instruction loses that is as long as the longest first one |

mod examples;
#[cfg(test)]
mod golden;
mod member;
mod race;
mod stage;

use std::num::NonZeroUsize;

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::soft_prompts::count;
use super::{Bounds, Choice, Method, MethodId, Needs, Registered, Writer, composed};
use crate::history::{
    Allocation, Ask, Candidate, Found, History, Job, Proposal, Reading, Reply, Rows,
};
use crate::metric::Mode;
use crate::random::Stream;
use crate::{Error, Result};
use examples::Examples;
use race::{Race, Raced};
use stage::Stage;

/// CAPO.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::method::{Capo, Method};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let history = History::scored_on(vec![0]).with_train_rows(9);
/// assert_eq!(Capo::default().propose(&history, &mut stream).unwrap().len(), 10);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capo {
    /// Instructions in the population, μ.
    pub population: NonZeroUsize,
    /// Crosses in an iteration, c; each is mutated.
    pub crossovers: NonZeroUsize,
    /// Train rows that an instruction shows at the most, k; 0: instructions are words alone.
    pub examples: usize,
    /// Dev rows of a block, b.
    pub block: NonZeroUsize,
    /// Blocks of a race at the most, z.
    pub blocks: NonZeroUsize,
    /// The level of the test by which an instruction is behind another, α.
    pub alpha: f64,
    /// What the score of an instruction loses that has as many words as the longest first one, γ.
    pub length_penalty: f64,
    /// Iterations that bring nothing to race after which the search ends.
    pub patience: usize,
    /// Whether faults of the published code are mended, or kept.
    pub mode: Mode,
    /// How the generator is asked.
    pub writer: Writer,
}

impl Default for Capo {
    fn default() -> Self {
        Self {
            population: count(10),
            crossovers: count(4),
            examples: 5,
            block: count(30),
            blocks: count(10),
            alpha: 0.2,
            length_penalty: 0.05,
            patience: 10,
            mode: Mode::Strict,
            writer: Writer::default(),
        }
    }
}

impl Registered for Capo {
    const NAME: &'static str = "capo";
    const SUMMARY: &'static str = "CAPO (arXiv 2504.16005): the generator crosses and mutates instructions that show \
                                   train rows as examples; a race by t tests decides.";

    fn presets() -> Vec<(&'static str, Self)> {
        vec![("capo-compat", Self { mode: Mode::Compat, ..Self::default() })]
    }
}

const CROSSOVER: &str = include_str!("../../prompts/capo/crossover.txt");
const MUTATION: &str = include_str!("../../prompts/capo/mutation.txt");

impl Method for Capo {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        let rows = self.block.get().saturating_mul(self.blocks.get());
        Needs {
            shows_train_rows: true,
            choice: Choice::PosteriorMean,
            dev_examples: rows,
            first_rows: self.block.get(),
            // Half of the children fall early, and what is left of the population has all rows.
            usual_rows: rows / 2,
            tops_up_at_end: false,
            ..Needs::default()
        }
    }

    fn check(&self) -> Result<()> {
        if self.population.get() < 2 || self.patience == 0 {
            return Err(Error::configuration("nobody can be crossed, or for no iteration")
                .with_help("set population to 2 or more, and patience to 1 or more"));
        }
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(Error::configuration(format!(
                "alpha {} is no level of a test",
                self.alpha
            ))
            .with_help("set alpha to a number between 0 and 1; the paper has 0.2"));
        }
        if !self.length_penalty.is_finite() || self.length_penalty < 0.0 {
            let message = format!("the length_penalty {} is none", self.length_penalty);
            return Err(Error::configuration(message)
                .with_help("set length_penalty to 0 or more; the paper has 0.05"));
        }
        self.writer.check()
    }

    fn bounds(&self, trials: u64) -> Bounds {
        // The first iteration guesses, as does any other before there are two to cross.
        let most = (2 * self.crossovers.get()).max(self.population.get()) as u64;
        let iterations = trials + self.patience as u64;
        let bounds = self.writer.bounds(most * iterations, 2, &[CROSSOVER, MUTATION]);
        let templates = self.examples * composed::EXAMPLE.len();
        Bounds {
            instruction_bytes: bounds.instruction_bytes.map(|words| words + templates),
            instruction_rows: self.examples,
            ..bounds
        }
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let asked = match self.stage(history) {
            Stage::Compose(new) => return Ok(self.composed(history, &new, stream)),
            Stage::Guess => self.guesses(history, stream)?,
            Stage::Cross(population) => self.crosses(history, &population, stream)?,
            Stage::Mutate(new) => self.mutations(history, &new)?,
            Stage::Race { .. } | Stage::End => Vec::new(),
        };
        Ok(asked.into_iter().map(Proposal::from).collect())
    }

    fn read(&self, history: &History, proposals: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        let mut readings = match proposals.first() {
            Some(Proposal::Composed(_)) => super::every_text(replies),
            _ => self.writer.read(history, proposals, replies, self.mode),
        };
        for (reading, proposal) in readings.iter_mut().zip(proposals) {
            let is_kept = |found: &&mut Found| found.dropped.is_none();
            let kept = reading.iter_mut().filter(is_kept);
            kept.for_each(|found| found.parents = member::parents(history, proposal));
        }
        readings
    }

    fn allocate(
        &self,
        history: &History,
        fresh: &[Candidate],
        _: &mut Stream,
    ) -> Result<Allocation> {
        let (left, candidates, rows) = match self.stage(history) {
            Stage::Race { left, rows } => (left.clone(), left, rows),
            Stage::Compose(_) => {
                let first = Race::new(self, history, &[]).first_block();
                (self.population_of(history), fresh.iter().collect(), first)
            }
            _ => (self.population_of(history), Vec::new(), Vec::new()),
        };
        let job = |one: &&Candidate| Job { candidate: one.id, rows: Rows::These(rows.clone()) };
        Ok(Allocation {
            jobs: candidates.iter().map(job).collect(),
            prune: given_up(history, &left),
            ..Allocation::default()
        })
    }
}

impl Capo {
    /// As many as the population lacks.
    fn guesses(&self, history: &History, stream: &mut Stream) -> Result<Vec<Ask>> {
        let given = self.given(history).count().max(history.start().len());
        let lacking = self.population.get().saturating_sub(given).max(1);
        let draws = self.draws(history, lacking);
        draws.map(|draw| self.writer.guess(history, draw, stream)).collect()
    }

    /// Each of two different members, which are drawn without regard to their scores.
    fn crosses(
        &self,
        history: &History,
        population: &[&Candidate],
        stream: &mut Stream,
    ) -> Result<Vec<Ask>> {
        let draws = self.draws(history, self.crossovers.get());
        let ask = |draw| {
            let two = sample(stream, population.len(), 2).into_vec();
            let texts = [two[0], two[1]].map(|index| composed::words(history, population[index]));
            self.writer.breed(history, CROSSOVER, &texts, &texts, draw)
        };
        draws.map(ask).collect()
    }

    fn mutations(&self, history: &History, crosses: &[&Candidate]) -> Result<Vec<Ask>> {
        let draws = self.draws(history, crosses.len());
        let ask = |(cross, draw): (&&Candidate, u64)| {
            let text = [cross.instruction.as_str()];
            self.writer.breed(history, MUTATION, &text, &text, draw)
        };
        crosses.iter().zip(draws).map(ask).collect()
    }

    /// The new words with examples.
    fn composed(
        &self,
        history: &History,
        new: &[&Candidate],
        stream: &mut Stream,
    ) -> Vec<Proposal> {
        let from = Examples { rows: history.train_rows(), most: self.examples, mode: self.mode };
        let composed = |one: &&Candidate| {
            let examples = match member::made_of(history, one) {
                [] => from.first(stream),
                _ => {
                    let [mother, father] = member::parents_examples(history, one);
                    let crossed = from.crossed(&mother, &father, stream);
                    from.mutated(crossed, stream)
                }
            };
            composed::composed(&one.instruction, &examples)
        };
        new.iter().map(composed).collect()
    }

    fn population_of<'a>(&'a self, history: &'a History) -> Vec<&'a Candidate> {
        match self.raced(history) {
            Raced::Open { left, .. } | Raced::Over(left) => left,
        }
    }

    /// A number for each prompt of a step, so that two with the same words are two draws.
    fn draws(&self, history: &History, prompts: usize) -> std::ops::Range<u64> {
        let most = self.crossovers.max(self.population).get();
        let first = (history.steps().len() * most) as u64;
        first..first + prompts as u64
    }
}

/// The trials that are scored on some rows and left behind.
fn given_up(history: &History, left: &[&Candidate]) -> Vec<usize> {
    let is_left = |candidate: usize| left.iter().any(|one| one.id == candidate);
    history.partial().filter(|trial| !is_left(trial.candidate)).map(|trial| trial.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Assignment, Evaluation, ExampleScore, Part, Shown, Step};
    use crate::model::Decoding;
    use crate::random::Streams;

    fn asked(shown: &[&str]) -> Proposal {
        let shown = shown.iter().map(|text| Shown { instruction: (*text).to_owned(), score: None });
        let ask = Ask::new(Vec::new(), Decoding::greedy(9));
        Proposal::Ask(Box::new(Ask { shown: shown.collect(), ..ask }))
    }

    /// Two members with their examples, a cross of them, and what it was mutated into.
    fn history() -> History {
        let mut history = History::scored_on(vec![0]).with_train_rows(9);
        let members = vec![composed::composed("A", &[1, 2]), composed::composed("B", &[3, 4])];
        let steps = [
            (members, vec!["A", "B"]),
            (vec![asked(&["A", "B"])], vec!["C"]),
            (vec![asked(&["C"])], vec!["D"]),
        ];
        for (index, (proposals, texts)) in steps.into_iter().enumerate() {
            let readings = texts.into_iter().map(|text| vec![Found::new(text)]).collect();
            history.push(Step { index, proposals, readings, ..Step::default() });
        }
        history
    }

    #[test]
    fn a_child_shows_examples_of_both_parents() {
        let (history, capo) = (history(), Capo { mode: Mode::Compat, ..Capo::default() });
        let child: Vec<&Candidate> = history.candidates().iter().skip(3).collect();
        let mut stream = Streams::new(0).stream("compose", 0);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..60 {
            let made = capo.composed(&history, &child, &mut stream);
            let Proposal::Composed(parts) = &made[0] else { panic!("not composed") };
            assert!(parts.len() <= 3);
            seen.extend(parts.iter().filter_map(|part| match part {
                Part::Train(row) => Some(row.row),
                _ => None,
            }));
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    #[test]
    fn nobody_is_crossed_with_itself() {
        let (history, capo) = (history(), Capo::default());
        let members: Vec<&Candidate> = history.candidates().iter().take(2).collect();
        let mut stream = Streams::new(0).stream("cross", 0);
        let asks = capo.crosses(&history, &members, &mut stream).unwrap();
        assert!(asks.iter().all(|ask| ask.shown[0].instruction != ask.shown[1].instruction));
        assert_eq!(asks.len(), 4);
    }

    #[test]
    fn whoever_a_race_left_behind_is_given_up() {
        let mut history = History::scored_on(vec![0, 1]);
        let job = |trial: usize| {
            let score = vec![ExampleScore::new(0, Some(1.0), "")];
            let evaluation = Some(Evaluation::new(score, crate::usage::Usage::default()));
            Assignment { trial, candidate: trial, rows: vec![0], repeats: None, evaluation }
        };
        history.push(Step {
            proposals: ["A", "B"].map(|text| Proposal::Instruction(text.to_owned())).into(),
            readings: ["A", "B"].map(|text| vec![Found::new(text)]).into(),
            assignments: (0..2).map(job).collect(),
            ..Step::default()
        });
        let left: Vec<&Candidate> = history.candidates().iter().take(1).collect();
        assert_eq!(given_up(&history, &left), [1]);
    }
}
