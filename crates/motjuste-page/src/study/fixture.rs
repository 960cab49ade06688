//! Made-up studies, always the same: what the tests render and what a designer looks at.

use motjuste::budget::{Spending, StopReason};
use motjuste::history::{Shown, TrialState};
use motjuste::interval::{Difference, Estimate};
use motjuste::report::{
    AnswerCounts, Baseline, Baselines, DevScore, LedgerReport, ReplyLine, Report, StepLine,
    TrialCounts, TrialLine,
};

use super::steps::shown_in_full;
use super::{MetaPromptText, ScoredExample, StudyPage};

/// A study with everything the page needs, owned.
#[derive(Debug, Clone)]
pub(super) struct Study {
    pub report: Report,
    pub trials: Vec<TrialLine>,
    pub dev: Vec<ScoredExample>,
    pub test: Vec<ScoredExample>,
    pub steps: Vec<StepLine>,
    pub settings: String,
}

/// Knuth's MMIX generator: enough for a picture.
struct Dice(u64);

impl Dice {
    /// A number in [0, 1).
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() * end as f64) as usize
    }
}

/// 4 × 6 × 7 × 6 phrases make 1,008 instructions.
const VERBS: [&str; 4] = ["Write", "Give", "Return", "Find"];
const OBJECTS: [&str; 6] = [
    "the antonym of the word",
    "the opposite of each word",
    "a word that means the contrary",
    "what the input is not",
    "the word with the reverse meaning",
    "the other end of the scale",
];
const MANNERS: [&str; 7] = [
    "",
    " in lower case",
    " as one word",
    " without explaining it",
    " and nothing else",
    " as briefly as possible",
    ", keeping its part of speech",
];
const ENDS: [&str; 6] = [
    ".",
    ", please.",
    "; a phrase is answered with a phrase.",
    ". Do not negate it.",
    " even if several would do.",
    ", thinking of what a dictionary would say first.",
];
const PAIRS: [(&str, &str); 8] = [
    ("hot", "cold"),
    ("ascend", "descend"),
    ("generous", "stingy"),
    ("ancient", "modern"),
    ("to praise", "to criticise"),
    ("scarce", "abundant"),
    ("victory", "defeat"),
    ("transparent", "opaque"),
];

impl Study {
    pub(super) fn html(&self) -> String {
        let shown = shown_in_full(&self.report, &self.trials, &self.steps);
        let text = "Write an instruction.\n\ntext:\nThink.\nscore:\n35\n";
        let prompt = |step| MetaPromptText { step, text: text.to_owned() };
        let page = StudyPage {
            report: &self.report,
            trials: self.trials.clone(),
            dev: self.dev.clone(),
            test: self.test.clone(),
            steps: self.steps.clone(),
            meta_prompts: shown.into_iter().map(prompt).collect(),
            settings: &self.settings,
        };
        page.to_html().unwrap()
    }

    /// The same study with another winning instruction.
    pub(super) fn with_instruction(mut self, text: &str) -> Self {
        let old = self.report.instruction.replace(text.to_owned());
        for trial in &mut self.trials {
            if Some(&trial.instruction) == old.as_ref() {
                trial.instruction = text.to_owned();
            }
        }
        self
    }

    /// The same study before its assessment.
    pub(super) fn unassessed(mut self) -> Self {
        (self.report.test, self.report.baselines, self.test) = (None, None, Vec::new());
        self
    }

    /// A study without a complete trial.
    pub(super) fn without_winner() -> Self {
        let mut study = study(3, 0, 4, 0).unassessed();
        for trial in &mut study.trials {
            (trial.state, trial.score, trial.per_example) = (TrialState::Failed, None, Vec::new());
            (trial.examples, trial.answers) = (Vec::new(), Vec::new());
        }
        study.dev = Vec::new();
        (study.report.instruction, study.report.dev) = (None, None);
        study.report.trials = TrialCounts { failed: 3, ..TrialCounts::default() };
        study
    }

    /// A study under a metric with scores between 0 and 1.
    pub(super) fn graded() -> Self {
        let mut study = study(40, 10, 12, 30);
        let grade = |index: usize| [1.0, 0.67, 0.4, 1.0, 0.0, 0.8][index % 6];
        for examples in [&mut study.dev, &mut study.test] {
            examples.iter_mut().enumerate().for_each(|(index, one)| one.score = Some(grade(index)));
        }
        study.report.test = Some(estimate(&study.test));
        study
    }

    /// A study by OPRO: every step but the first is a step, and two replies of a step are of no use.
    pub(super) fn opro() -> Self {
        let mut study = study(150, 0, 20, 100);
        "opro".clone_into(&mut study.report.method);
        let last = study.trials.last().map_or(0, |trial| trial.step);
        study.steps = (1..=last).map(|index| step(&study.trials, index)).collect();
        study
    }

    /// The same study in a world where wording does not matter.
    pub(super) fn null(mut self) -> Self {
        let (winner, other) = (rows(0.31, 100), rows(0.3, 100));
        self.report.test = Some(Estimate::of(&winner));
        if let Some(baselines) = &mut self.report.baselines {
            for baseline in [&mut baselines.empty, &mut baselines.manual] {
                baseline.dev = baseline.dev.map(|dev| DevScore { score: 0.3, ..dev });
                baseline.test = Estimate::of(&other);
                baseline.difference = Some(paired(&winner, &other));
            }
        }
        self
    }

    /// A study that stopped every other new instruction after a few examples.
    pub(super) fn pruned() -> Self {
        let mut study = study(60, 20, 20, 50);
        let winner = study.report.instruction.clone();
        for trial in study.trials.iter_mut().filter(|trial| trial.trial % 2 == 1) {
            if trial.repeats.is_none() && Some(&trial.instruction) != winner.as_ref() {
                trial.state = TrialState::Pruned;
                trial.per_example.truncate(6);
                trial.score = Some(trial.per_example.iter().flatten().sum::<f64>() / 6.0);
            }
        }
        let repeated: Vec<usize> = study.trials.iter().filter_map(|trial| trial.repeats).collect();
        let never_again = |trial: &&mut TrialLine| {
            trial.repeats.is_none()
                && trial.trial.is_multiple_of(2)
                && !repeated.contains(&trial.trial)
        };
        let fails = study.trials.iter_mut().find(never_again).unwrap();
        (fails.state, fails.score) = (TrialState::Failed, None);
        fails.per_example.clear();
        let in_part = study.trials.iter_mut().filter(never_again).nth(1).unwrap();
        in_part.state = TrialState::Partial;
        in_part.per_example.truncate(6);
        in_part.score = Some(in_part.per_example.iter().flatten().sum::<f64>() / 6.0);
        let count = |state| study.trials.iter().filter(|trial| trial.state == state).count();
        study.report.trials.complete = count(TrialState::Complete);
        study.report.trials.partial = count(TrialState::Partial);
        study.report.trials.pruned = count(TrialState::Pruned);
        study.report.trials.failed = count(TrialState::Failed);
        study
    }
}

/// A study of `trials` trials, `repeats` of them repeats, with so many dev and test examples.
pub(super) fn study(trials: usize, repeats: usize, dev: usize, test: usize) -> Study {
    let mut dice = Dice(20);
    let trials = lines(&mut dice, trials, repeats, dev);
    let best = trials.iter().fold(
        &trials[0],
        |best, trial| {
            if trial.score > best.score { trial } else { best }
        },
    );
    let dev: Vec<f64> = best.per_example.iter().flatten().copied().collect();
    let dev = examples(&dev);
    let test: Vec<f64> = (0..test).map(|_| f64::from(u8::from(dice.roll() < 0.85))).collect();
    let test = examples(&test);
    let report = report(&trials, best, &test);
    let settings = "task = \"antonyms\"\nseed = 0\n\n[method]\nname = \"instructzero\"\n\
                    dimension = 10\nsoft_tokens = 5\n\n[budget]\ntrials = 150\n";
    let steps = Vec::new();
    Study { report, dev, test, steps, settings: settings.to_owned(), trials: trials.clone() }
}

fn lines(dice: &mut Dice, trials: usize, repeats: usize, dev: usize) -> Vec<TrialLine> {
    let mut lines: Vec<TrialLine> = Vec::new();
    let mut left = repeats;
    for trial in 0..trials {
        let chance = left as f64 / (trials - trial) as f64;
        let repeats = (trial > 0 && dice.roll() < chance).then(|| dice.below(trial));
        let repeats = repeats.map(|first| lines[first].repeats.unwrap_or(first));
        left -= usize::from(repeats.is_some());
        let line = match repeats {
            Some(first) => TrialLine { trial, repeats, ..lines[first].clone() },
            None => new_line(dice, trial, trial as f64 / trials as f64, dev),
        };
        lines.push(TrialLine { step: trial / 25, ..line });
    }
    lines
}

fn step(trials: &[TrialLine], index: usize) -> StepLine {
    let best = |of: &dyn Fn(usize) -> bool| {
        let scores = trials.iter().filter(|trial| of(trial.step)).filter_map(|trial| trial.score);
        scores.reduce(f64::max)
    };
    let earlier = trials.iter().filter(|trial| trial.step < index);
    let mut known: Vec<_> =
        earlier.filter_map(|trial| Some((trial.score?, &trial.instruction))).collect();
    known.sort_by(|a, b| a.0.total_cmp(&b.0));
    let shown = known.iter().rev().take(20).rev().map(|(score, instruction)| Shown {
        instruction: (*instruction).clone(),
        score: Some(format!("{:.0}", 100.0 * score)),
    });
    let own = trials.iter().filter(|trial| trial.step == index);
    let new = own.clone().map(|trial| ReplyLine {
        reply: format!("<INS>{}</INS>", trial.instruction),
        instruction: trial.instruction.clone(),
        dropped: None,
    });
    let useless =
        [("I cannot do that. <b>", "no instruction in the reply"), ("Think.", "known already")];
    let useless = useless.map(|(reply, reason)| ReplyLine {
        reply: reply.to_owned(),
        instruction: String::new(),
        dropped: Some(reason.to_owned()),
    });
    StepLine {
        step: index,
        trajectory: shown.collect(),
        replies: new.chain(useless).collect(),
        trials: own.map(|trial| trial.trial).collect(),
        best: best(&|other| other == index),
        best_so_far: best(&|other| other <= index),
    }
}

fn new_line(dice: &mut Dice, trial: usize, progress: f64, dev: usize) -> TrialLine {
    let skill = (0.15 + 0.45 * progress + 0.6 * (dice.roll() - 0.4)).clamp(0.02, 0.92);
    let per_example: Vec<f64> =
        (0..dev).map(|_| f64::from(u8::from(dice.roll() < skill))).collect();
    TrialLine {
        trial,
        step: 0,
        state: TrialState::Complete,
        instruction: instruction(trial),
        z: Some(vec![0.5; 10]),
        score: Some(per_example.iter().sum::<f64>() / dev.max(1) as f64),
        examples: (0..dev).collect(),
        answers: vec!["cold".to_owned(); dev],
        per_example: per_example.into_iter().map(Some).collect(),
        repeats: None,
    }
}

/// One of 1,008 instructions; neighbours are unlike because 389 shares no divisor with 1,008.
fn instruction(number: usize) -> String {
    let number = number * 389;
    let (verb, object) = (VERBS[number % 4], OBJECTS[number / 4 % 6]);
    format!("{verb} {object}{}{}", MANNERS[number / 24 % 7], ENDS[number / 168 % 6])
}

fn examples(scores: &[f64]) -> Vec<ScoredExample> {
    let example = |(index, &score): (usize, &f64)| {
        let (input, output) = PAIRS[index % PAIRS.len()];
        let answer = if score >= 1.0 { output } else { "not " };
        ScoredExample {
            input: input.to_owned(),
            accepted: match index % 3 {
                0 => vec![output.to_owned(), format!("not {input}")],
                _ => vec![output.to_owned()],
            },
            answer: if score >= 1.0 { answer.to_owned() } else { format!("{answer}{output}") },
            score: Some(score),
        }
    };
    scores.iter().enumerate().map(example).collect()
}

fn estimate(examples: &[ScoredExample]) -> Estimate {
    Estimate::of(&examples.iter().filter_map(|example| example.score).collect::<Vec<_>>())
}

/// A score for each of `n` examples, `share` of them right: the first ones.
pub(super) fn rows(share: f64, n: usize) -> Vec<f64> {
    let hits = (share * n as f64).round() as usize;
    (0..n).map(|index| f64::from(u8::from(index < hits))).collect()
}

/// The paired difference of two instructions on the same examples.
pub(super) fn paired(winner: &[f64], other: &[f64]) -> Difference {
    let differences = winner.iter().zip(other).map(|(winner, other)| winner - other);
    Difference::paired(&[vec![differences.collect()]])
}

fn report(trials: &[TrialLine], best: &TrialLine, test: &[ScoredExample]) -> Report {
    let winner: Vec<f64> = test.iter().filter_map(|example| example.score).collect();
    let baseline = |instruction: &str, share: f64| {
        let other = rows(share, test.len());
        Baseline {
            instruction: instruction.to_owned(),
            dev: Some(DevScore { score: share, n: best.per_example.len() }),
            test: Estimate::of(&other),
            difference: Some(paired(&winner, &other)),
        }
    };
    let paid = trials.iter().filter(|trial| trial.repeats.is_none());
    let calls: u64 = paid.clone().map(|trial| trial.per_example.len() as u64).sum();
    let spending = |calls: u64, cache_hits: u64| Spending {
        calls,
        cache_hits,
        tokens_in: calls * 71,
        tokens_out: calls * 3,
        ..Spending::default()
    };
    Report {
        format: 1,
        study: "antonyms-instructzero-seed0-3f9a1c07be".to_owned(),
        task: "antonyms".to_owned(),
        method: "instructzero".to_owned(),
        seed: 0,
        target: "embedded@1".to_owned(),
        generator: "embedded@1".to_owned(),
        stop_reason: Some(StopReason::Trials),
        instruction: Some(best.instruction.clone()),
        dev: best.score.map(|score| DevScore { score, n: best.per_example.len() }),
        test: Some(estimate(test)),
        prompt: Some(best.instruction.clone()),
        copied: None,
        copied_rows: 0,
        keep_yours: false,
        baselines: Some(Baselines {
            yours: None,
            empty: baseline("", 0.05),
            manual: baseline("Write the opposite of each word.", 0.55),
            uniform: Some(baseline("For every input, return an antonym.", 0.75)),
        }),
        answers: AnswerCounts::default(),
        missing: Vec::new(),
        trials: TrialCounts {
            complete: trials.len(),
            partial: 0,
            pruned: 0,
            failed: 0,
            distinct_instructions: paid.count(),
        },
        ledger: LedgerReport {
            judge: Spending::default(),
            target: spending(calls.saturating_sub(40), calls.min(40)),
            generator: spending(trials.len() as u64, 0),
            assessment: spending(400, 20),
        },
        open: Default::default(),
        wall_s: 192.4,
    }
}
