//! Which source is asked next: a bandit over sources (Thompson 1933), which forgets (Raj and Kalyani, arXiv 1707.09727).
//!
//! A raced text is as good for its source as the chance that it is better than the best of those that began before
//! it, by the posterior means and standard deviations of both. What is known of a source is a beta distribution of that
//! chance, in which a text counts the less, the longer ago it began. Each source gets a draw from its distribution,
//! divided by what one of its texts costs; the highest is asked. All of it is told by the history.
//!
//! | symbol | meaning |
//! |---|---|
//! | a, b | the beta distribution: 1 + the sum of the chances, 2 + that of what they lack to 1 |
//! | gamma | the weight of a text that began one step earlier, 0.95 |

use motjuste_gp::special::normal_cdf;
use serde::{Deserialize, Serialize};

use super::Chat;
use super::draws::beta;
use super::source::{Source, is_of};
use crate::history::{History, Standing, Step, Trial, standings};
use crate::random::Stream;

/// Which source is asked next, of those that are ready.
///
/// ```
/// use motjuste::method::{Chat, Schedule};
/// assert_eq!(Chat::default().schedule, Schedule::InTurn);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// One after the other.
    #[default]
    InTurn,
    /// The one that promises most for its cost, by a draw from what is known of each.
    Thompson,
}

const GAMMA: f64 = 0.95;
const PRIOR: (f64, f64) = (1.0, 2.0);

/// Within so many prompts each source that is ready is asked once.
const ROUND: usize = 8;

impl Chat {
    /// The source that is asked next, of those that are ready.
    pub(super) fn chosen(
        &self,
        history: &History,
        ready: &[Source],
        stream: &mut Stream,
    ) -> Option<Source> {
        match self.schedule {
            Schedule::InTurn => self.next_in_turn(history, ready),
            Schedule::Thompson => {
                overdue(history, ready).or_else(|| promising(history, ready, stream))
            }
        }
    }

    /// The first that is ready, from the one on whose turn it is. Steps that ask nobody are no turns: else a source
    /// could be passed over again and again.
    fn next_in_turn(&self, history: &History, ready: &[Source]) -> Option<Source> {
        let asked = history.steps().iter().filter(|step| !step.proposals.is_empty()).count();
        let count = self.sources.len();
        let mut turns = (0..count).map(|turn| self.sources[(asked + turn) % count]);
        turns.find(|source| ready.contains(source))
    }
}

/// The source whose draw is the highest.
fn promising(history: &History, ready: &[Source], stream: &mut Stream) -> Option<Source> {
    let raced = raced(history);
    let draw = |&source: &Source| (Record::of(history, &raced, source).draw(stream), source);
    let draws = ready.iter().map(draw);
    draws.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, source)| source)
}

/// The source that was not asked for longest, if one has to be asked now so that all are in time.
fn overdue(history: &History, ready: &[Source]) -> Option<Source> {
    let has_written = |step: &&Step| !step.proposals.is_empty();
    let later: Vec<&Step> = history.steps().iter().skip(1).filter(has_written).collect();
    let is_by = |step: &Step, source| step.proposals.iter().any(|one| is_of(one, source));
    let since = |source: Source| {
        later.iter().rev().position(|step| is_by(step, source)).unwrap_or(later.len())
    };
    let mut waiting: Vec<(usize, Source)> = ready.iter().map(|&it| (since(it), it)).collect();
    waiting.sort_by_key(|(since, _)| std::cmp::Reverse(*since));
    let is_late = |(place, (since, _)): (usize, &(usize, Source))| since + place + 1 >= ROUND;
    let is_any_late = waiting.iter().enumerate().any(is_late);
    waiting.first().filter(|_| is_any_late).map(|(_, source)| *source)
}

/// What a source has brought.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Record {
    a: f64,
    b: f64,
    cost: f64,
}

impl Record {
    fn of(history: &History, raced: &[(&Trial, f64)], source: Source) -> Self {
        let (mut a, mut b) = PRIOR;
        for (trial, chance) in raced.iter().filter(|(trial, _)| is_from(history, trial, source)) {
            let age = history.steps().len().saturating_sub(trial.step);
            let weight = GAMMA.powi(age as i32);
            (a, b) = (a + weight * chance, b + weight * (1.0 - chance));
        }
        Self { a, b, cost: cost(history, source) }
    }

    /// A draw of its share of texts that win, for what a text costs.
    fn draw(self, stream: &mut Stream) -> f64 {
        beta(self.a, self.b, stream) / self.cost
    }
}

/// The raced texts, and the chance of each that it is better than the best of those that began in earlier steps.
fn raced(history: &History) -> Vec<(&Trial, f64)> {
    let trials = standings(history).into_iter().map(|it| (&history.trials()[it.trial], it));
    let trials: Vec<(&Trial, Standing)> = trials.collect();
    let before = |trial: &Trial| {
        let earlier = trials.iter().filter(|(other, _)| other.step < trial.step);
        earlier.map(|(_, standing)| standing).max_by(|a, b| a.mean.total_cmp(&b.mean))
    };
    let with_chance = |(trial, own): &(&'_ Trial, Standing)| {
        before(trial).map(|best| chance_to_exceed(own, best))
    };
    trials.iter().filter_map(|one| Some((one.0, with_chance(one)?))).collect()
}

/// The chance that the first is better than the second.
fn chance_to_exceed(one: &Standing, other: &Standing) -> f64 {
    let sd = (one.sd.powi(2) + other.sd.powi(2)).sqrt();
    normal_cdf((one.mean - other.mean) / sd)
}

fn is_from(history: &History, trial: &Trial, source: Source) -> bool {
    let candidate = history.candidates().get(trial.candidate);
    let proposal = candidate.and_then(|candidate| history.proposal_of(candidate));
    proposal.is_some_and(|proposal| is_of(proposal, source))
}

/// Tokens that a text of this source costs, written and raced. What is known of all sources counts as one prompt more
/// of each.
fn cost(history: &History, source: Source) -> f64 {
    let (all, own) = (Written::by(history, None), Written::by(history, Some(source)));
    let prompts = all.prompts.max(1.0);
    let texts = (own.texts + all.texts / prompts).max(0.1);
    let written = (own.tokens + all.tokens / prompts) / texts;
    let evaluations = history.trials().iter().filter_map(|trial| trial.evaluation.as_ref());
    let raced: Vec<f64> = evaluations.map(|all| all.usage.tokens() as f64).collect();
    (written + raced.iter().sum::<f64>() / raced.len().max(1) as f64).max(1.0)
}

/// What was written, and for what.
#[derive(Default)]
struct Written {
    prompts: f64,
    tokens: f64,
    /// Texts that became candidates.
    texts: f64,
}

impl Written {
    /// By one source, or by all.
    fn by(history: &History, source: Option<Source>) -> Self {
        let mut written = Self::default();
        for step in history.steps() {
            let replies = step.proposals.iter().zip(&step.replies).zip(&step.readings);
            for ((proposal, reply), reading) in replies {
                if source.is_some_and(|source| !is_of(proposal, source)) {
                    continue;
                }
                written.prompts += 1.0;
                written.tokens += reply.usage.tokens() as f64;
                written.texts += reading.iter().filter(|it| it.dropped.is_none()).count() as f64;
            }
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Ask, Assignment, Evaluation, ExampleScore, Found, Proposal, Reply};
    use crate::model::Decoding;
    use crate::random::Streams;
    use crate::usage::Usage;

    use Source::{Induce, Paraphrase, Reflect};

    const COST: Usage = Usage { tokens_in: 40, tokens_out: 60 };

    /// A step in which this source is asked once, and brings a text for each of these scores on four rows.
    fn push(history: &mut History, source: Source, rights: &[usize]) {
        let (index, first) = (history.steps().len(), history.trials().len());
        let source = Some(source.name().to_owned());
        let ask = Ask { source, ..Ask::new(Vec::new(), Decoding::greedy(9)) };
        let found = (0..rights.len()).map(|place| Found::new(format!("say {index} {place}")));
        let evaluated = |right: usize| {
            let score = |row| ExampleScore::new(row, Some(f64::from(u8::from(row < right))), "");
            Evaluation::new((0..4).map(score).collect(), COST)
        };
        let job = |(place, right): (usize, &usize)| Assignment {
            trial: first + place,
            candidate: first + place,
            rows: (0..4).collect(),
            repeats: None,
            evaluation: Some(evaluated(*right)),
        };
        history.push(Step {
            index,
            proposals: vec![Proposal::Ask(Box::new(ask))],
            replies: vec![Reply { usage: COST, ..Reply::of("") }],
            readings: vec![found.collect()],
            assignments: rights.iter().enumerate().map(job).collect(),
            ..Step::default()
        });
    }

    /// What these sources brought, step by step.
    fn history(steps: &[(Source, &[usize])]) -> History {
        let mut history = History::scored_on((0..4).collect());
        steps.iter().for_each(|(source, rights)| push(&mut history, *source, rights));
        history
    }

    #[test]
    fn who_is_ready_is_asked_in_turn() {
        let chat = Chat { sources: vec![Induce, Paraphrase, Reflect], ..Chat::default() };
        let asked = |steps: usize, ready: &[Source]| {
            let history = history(&vec![(Induce, &[][..]); steps]);
            chat.chosen(&history, ready, &mut Streams::new(0).stream("turn", 0))
        };
        let all = [Induce, Paraphrase, Reflect];
        assert_eq!(
            [0, 1, 2, 3].map(|step| asked(step, &all).unwrap()),
            [Induce, Paraphrase, Reflect, Induce]
        );
        assert_eq!(asked(1, &[Induce, Reflect]), Some(Reflect));
        let mut waited = history(&[(Induce, &[][..]), (Induce, &[])]);
        waited.push(Step { index: 2, ..Step::default() });
        let next = chat.chosen(&waited, &all, &mut Streams::new(0).stream("turn", 0));
        assert_eq!(next, Some(Reflect), "a step that asks nobody is no turn");
        assert_eq!(asked(1, &[]), None);
    }

    /// Eight prompts are a round; those of the first step do not count.
    #[test]
    fn who_waits_longest_is_asked_in_time_for_all() {
        let late = |prompts: usize, ready: &[Source]| {
            overdue(&history(&vec![(Reflect, &[][..]); 1 + prompts]), ready)
        };
        let two = [Reflect, Paraphrase];
        assert_eq!((late(6, &two), late(7, &two)), (None, Some(Paraphrase)));
        let three = [Reflect, Paraphrase, Induce];
        assert_eq!((late(5, &three), late(6, &three)), (None, Some(Paraphrase)));
    }

    #[test]
    fn a_text_is_compared_with_the_best_of_earlier_steps() {
        let history = history(&[(Induce, &[1, 2]), (Reflect, &[4, 4, 0])]);
        let raced = raced(&history);
        let ids: Vec<usize> = raced.iter().map(|(trial, _)| trial.id).collect();
        assert_eq!(ids, [2, 3, 4]);
        assert!(raced[0].1 > 0.5 && raced[1].1 == raced[0].1 && raced[2].1 < 0.5, "{raced:?}");
    }

    #[test]
    fn a_source_is_known_by_its_own_texts_and_less_by_those_of_long_ago() {
        let history = history(&[(Induce, &[1]), (Reflect, &[2]), (Induce, &[3]), (Reflect, &[])]);
        let trials = history.trials();
        let raced = [(&trials[0], 0.4), (&trials[1], 0.25), (&trials[2], 0.75)];
        let record = |source| {
            let Record { a, b, .. } = Record::of(&history, &raced, source);
            (a, b)
        };
        let (old, new) = (0.95_f64.powi(4), 0.95_f64.powi(2));
        let near = |(a, b): (f64, f64), c: f64, d: f64| {
            assert!((a - c).abs() < 1e-12 && (b - d).abs() < 1e-12, "{a} {b}, not {c} {d}");
        };
        near(record(Induce), 1.0 + 0.4 * old + 0.75 * new, 2.0 + 0.6 * old + 0.25 * new);
        let middle = 0.95_f64.powi(3);
        near(record(Reflect), 1.0 + 0.25 * middle, 2.0 + 0.75 * middle);
        near(record(Paraphrase), 1.0, 2.0);
    }

    /// 100 tokens a prompt and 100 a text that is raced: what is known of all is one prompt more of each.
    #[test]
    fn a_text_costs_what_is_written_for_it_and_its_race() {
        let history = history(&[(Induce, &[1, 2, 3, 4]), (Reflect, &[1])]);
        let expected = [(Induce, 200.0 / 6.5), (Reflect, 200.0 / 3.5), (Paraphrase, 100.0 / 2.5)];
        for (source, written) in expected {
            assert!((cost(&history, source) - written - 100.0).abs() < 1e-9, "{source:?}");
        }
    }

    #[test]
    fn what_promises_as_much_for_a_quarter_of_the_cost_is_worth_four_times_as_much() {
        let draw =
            |cost| Record { a: 2.0, b: 3.0, cost }.draw(&mut Streams::new(0).stream("draw", 0));
        assert!((draw(25.0) / draw(100.0) - 4.0).abs() < 1e-12);
    }
}
