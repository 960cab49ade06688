//! EvoPrompt: a population of instructions that a language model crosses and mutates (Guo et al., arXiv 2309.08532).
//!
//! The population begins with the best of what is in use and what the generator guesses from train rows, and with a
//! paraphrase of each of those. Every instruction is scored on all dev rows. Then, for so many steps,
//!
//! - *genetic* (section 3.2): two parents are drawn by wheel for each child; one call crosses them and mutates what
//!   comes of it. The best of parents and children are the next population.
//! - *differential* (section 3.3): each member has one child. The parts in which two others differ are mutated, put
//!   into the best instruction so far, and the result is crossed with the member; the child takes the member's place if
//!   it is better.
//!
//! | symbol | meaning |
//! |---|---|
//! | N | instructions in the population |
//! | T | steps |

#[cfg(test)]
mod golden;
mod parents;
mod population;

use std::num::NonZeroUsize;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::soft_prompts::count;
use super::{Bounds, Method, MethodId, Needs, Registered, Writer};
use crate::history::{Ask, History, Proposal, Reading, Reply, Trial};
use crate::metric::Mode;
use crate::random::Stream;
use crate::{Error, Result};

/// EvoPrompt.
///
/// ```
/// use motjuste::history::History;
/// use motjuste::method::{EvoPrompt, Method};
/// use motjuste::random::Streams;
/// let mut stream = Streams::new(0).stream("ask", 0);
/// let history = History::scored_on(vec![0]).with_train_rows(9);
/// assert_eq!(EvoPrompt::default().propose(&history, &mut stream).unwrap().len(), 10);
/// assert_eq!(EvoPrompt::differential().id().label, "evoprompt-de");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvoPrompt {
    /// How a population has children.
    pub evolution: Evolution,
    /// Instructions in the population, N.
    pub population: NonZeroUsize,
    /// Steps once there is one, T.
    pub steps: usize,
    /// With `differential`: what the mutated parts are put into.
    pub donor: Donor,
    /// Whether faults of the published code are mended, or kept.
    pub mode: Mode,
    /// How the generator is asked.
    pub writer: Writer,
}

/// How a population has children.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evolution {
    /// As a genetic algorithm: the best of old and new are left.
    #[default]
    Genetic,
    /// As in differential evolution: a child takes the place of its member if it is better.
    Differential,
}

/// What the mutated parts are put into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Donor {
    /// The best instruction so far.
    #[default]
    Best,
    /// A third member.
    Random,
    /// Nothing but the member, as in the package promptolution.
    None,
}

impl Default for EvoPrompt {
    fn default() -> Self {
        Self {
            evolution: Evolution::Genetic,
            population: count(10),
            steps: 10,
            donor: Donor::Best,
            mode: Mode::Strict,
            writer: Writer::default(),
        }
    }
}

impl Registered for EvoPrompt {
    const NAME: &'static str = "evoprompt-ga";
    const SUMMARY: &'static str = "EvoPrompt (arXiv 2309.08532): the generator crosses and mutates two instructions of a \
                                   population, whose best are kept.";

    fn presets() -> Vec<(&'static str, Self)> {
        let differential = Self::differential;
        vec![
            ("evoprompt-de", differential()),
            ("evoprompt-ga-compat", Self { mode: Mode::Compat, ..Self::default() }),
            ("evoprompt-de-compat", Self { mode: Mode::Compat, ..differential() }),
        ]
    }
}

const PARAPHRASE: &str = include_str!("../../prompts/evoprompt/paraphrase.txt");
const GENETIC: &str = include_str!("../../prompts/evoprompt/genetic.txt");
const DIFFERENTIAL: &str = include_str!("../../prompts/evoprompt/differential.txt");
const WITHOUT_DONOR: &str = include_str!("../../prompts/evoprompt/differential_without_donor.txt");

/// The step of the first children: after the guesses and their paraphrases.
const FIRST: usize = 2;

impl Method for EvoPrompt {
    fn id(&self) -> MethodId {
        MethodId::new(Self::NAME, self).called(self.label())
    }

    fn needs(&self) -> Needs {
        Needs { dev_examples: usize::MAX, shows_train_rows: true, ..Needs::default() }
    }

    fn check(&self) -> Result<()> {
        let (least, members) = (self.least(), self.population.get());
        if members < least {
            return Err(Error::configuration(format!("a population of {members} has no children"))
                .with_help(format!("set population to {least} or more; the paper has 10")));
        }
        self.writer.check()
    }

    fn bounds(&self, _: u64) -> Bounds {
        let members = self.population.get();
        let replies = members * (1 + self.steps) + self.paraphrased();
        let shown = match (self.evolution, self.donor) {
            (Evolution::Genetic, _) => 2,
            (Evolution::Differential, Donor::None) => 3,
            (Evolution::Differential, _) => 4,
        };
        let procedures = [PARAPHRASE, GENETIC, DIFFERENTIAL, WITHOUT_DONOR];
        self.writer.bounds(replies as u64, shown, &procedures)
    }

    fn propose(&self, history: &History, stream: &mut Stream) -> Result<Vec<Proposal>> {
        let step = history.steps().len();
        let asked = match (step, self.population(history)) {
            (step, _) if step >= FIRST + self.steps => Vec::new(),
            (1, members) if !members.is_empty() => self.paraphrases(history)?,
            (_, members) if members.len() >= self.least() => {
                self.children(history, &members, stream)?
            }
            _ => self.guesses(history, stream)?,
        };
        Ok(asked.into_iter().map(Proposal::from).collect())
    }

    fn read(&self, history: &History, proposals: &[Proposal], replies: &[Reply]) -> Vec<Reading> {
        self.writer.read(history, proposals, replies, self.mode)
    }
}

impl EvoPrompt {
    /// The variant with differential evolution.
    ///
    /// ```
    /// use motjuste::method::{Evolution, EvoPrompt};
    /// assert_eq!(EvoPrompt::differential().evolution, Evolution::Differential);
    /// ```
    pub fn differential() -> Self {
        Self { evolution: Evolution::Differential, ..Self::default() }
    }

    /// The fewest members that have children.
    fn least(&self) -> usize {
        match (self.evolution, self.donor) {
            (Evolution::Genetic, _) => 2,
            (Evolution::Differential, Donor::Best | Donor::None) => 3,
            (Evolution::Differential, Donor::Random) => 4,
        }
    }

    /// How many of the first instructions are paraphrased: the better half of a population.
    fn paraphrased(&self) -> usize {
        self.population.get() / 2
    }

    fn guesses(&self, history: &History, stream: &mut Stream) -> Result<Vec<Ask>> {
        let draws = self.draws(history);
        draws.map(|draw| self.writer.guess(history, draw, stream)).collect()
    }

    fn paraphrases(&self, history: &History) -> Result<Vec<Ask>> {
        let mut best: Vec<&Trial> = population::scored(history).collect();
        population::by_score(&mut best);
        let best = best.iter().take(self.paraphrased()).zip(self.draws(history));
        let ask = |(trial, draw): (&&Trial, u64)| {
            let text = [trial.instruction.as_str()];
            self.writer.breed(history, PARAPHRASE, &text, &text, draw)
        };
        best.map(ask).collect()
    }

    fn children(
        &self,
        history: &History,
        members: &[&Trial],
        stream: &mut Stream,
    ) -> Result<Vec<Ask>> {
        match self.evolution {
            Evolution::Genetic => self.crossed(history, members, stream),
            Evolution::Differential => self.differing(history, members, stream),
        }
    }

    fn crossed(
        &self,
        history: &History,
        members: &[&Trial],
        stream: &mut Stream,
    ) -> Result<Vec<Ask>> {
        let pairs = parents::pairs(members, self.population.get(), self.mode, stream);
        let ask = |(pair, draw): (&[&Trial; 2], u64)| {
            let texts = pair.map(|trial| trial.instruction.as_str());
            self.writer.breed(history, GENETIC, &texts, &texts, draw)
        };
        pairs.iter().zip(self.draws(history)).map(ask).collect()
    }

    /// One prompt for each member, in the order of their places.
    fn differing(
        &self,
        history: &History,
        members: &[&Trial],
        stream: &mut Stream,
    ) -> Result<Vec<Ask>> {
        let draws = self.draws(history);
        let asks = members.iter().enumerate().zip(draws).map(|((place, member), draw)| {
            let [a, b] = parents::others(members, place, stream);
            let donor = self.donor(history, members, &[member, a, b], stream);
            let partners: Vec<&str> = [a, b].into_iter().chain(donor).map(text).collect();
            let told = [&partners[..], &[text(member)]].concat();
            let shown = [&[text(member)], &partners[..]].concat();
            let procedure = if donor.is_some() { DIFFERENTIAL } else { WITHOUT_DONOR };
            self.writer.breed(history, procedure, &told, &shown, draw)
        });
        asks.collect()
    }

    /// What the mutated parts are put into: the best of all so far, the oldest of equals, or somebody who has no
    /// other part.
    fn donor<'a>(
        &self,
        history: &'a History,
        members: &[&'a Trial],
        taken: &[&Trial],
        stream: &mut Stream,
    ) -> Option<&'a Trial> {
        match self.donor {
            Donor::Best => history.best(),
            Donor::None => None,
            Donor::Random => {
                let is_open = |it: &&&Trial| !taken.iter().any(|taken| taken.id == it.id);
                let open: Vec<&&Trial> = members.iter().filter(is_open).collect();
                open.get(stream.random_range(0..open.len().max(1))).map(|it| **it)
            }
        }
    }

    /// A number for each prompt of a step, so that two with the same words are two draws.
    fn draws(&self, history: &History) -> std::ops::Range<u64> {
        let members = self.population.get() as u64;
        let first = history.steps().len() as u64 * members;
        first..first + members
    }
}

fn text(trial: &Trial) -> &str {
    &trial.instruction
}
