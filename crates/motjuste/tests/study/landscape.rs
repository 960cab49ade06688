//! A landscape of instructions without models: methods are asked, and answered from a table. A study of 60
//! instructions takes as long as the method thinks.

use motjuste::history::{
    Assignment, Evaluation, ExampleScore, History, Proposal, Reply, Rows, Step, Trial,
};
use motjuste::method::Method;
use motjuste::random::{Stream, Streams};
use motjuste::usage::Usage;
use rand::RngExt;

/// Numbers behind each instruction, which its score and its hidden state hang on.
const BEHIND: usize = 4;
/// Columns of a hidden state.
const WIDTH: usize = 16;

/// Instructions with hidden states and scores that hang on the same few numbers.
pub struct Landscape {
    seed: u64,
    /// What the numbers behind become in a hidden state: WIDTH × BEHIND.
    map: Vec<Vec<f64>>,
    /// The numbers behind each instruction.
    behind: Vec<Vec<f64>>,
    rows: usize,
    /// What an instruction must overcome.
    threshold: f64,
}

/// A standard normal number, nearly.
fn normal(stream: &mut Stream) -> f64 {
    (0..12).map(|_| stream.random_range(-0.5..0.5)).sum()
}

fn normals(stream: &mut Stream, count: usize) -> Vec<f64> {
    (0..count).map(|_| normal(stream)).collect()
}

impl Landscape {
    pub fn new(seed: u64, instructions: usize, rows: usize) -> Self {
        let mut stream = Streams::new(seed).stream("landscape", 0);
        let map = (0..WIDTH).map(|_| normals(&mut stream, BEHIND)).collect();
        let behind = (0..instructions).map(|_| normals(&mut stream, BEHIND)).collect();
        Self { seed, map, behind, rows, threshold: 1.0 }
    }

    /// The same landscape, in which fewer instructions are any good.
    pub fn harder(self) -> Self {
        Self { threshold: 3.5, ..self }
    }

    /// The share of rows that an instruction solves in the long run.
    pub fn ability(&self, instruction: &str) -> f64 {
        let behind = &self.behind[number(instruction)];
        1.0 / (1.0 + (self.threshold - 1.5 * (behind[0] + behind[1] - behind[2])).exp())
    }

    /// A frequent instruction for small coordinates, a rare one for large ones: of a hundred soft prompts, some
    /// thirty lead to the first tenth of the instructions.
    fn write(&self, z: &[f64]) -> usize {
        let share = ((z[0] + 1.0) / 2.0).powi(2);
        ((share * self.behind.len() as f64) as usize).min(self.behind.len() - 1)
    }

    /// The numbers behind an instruction, seen through a map, with a little of the soft prompt in it.
    fn hidden_state(&self, instruction: usize, z: &[f64]) -> Vec<f32> {
        let of = |(k, row): (usize, &Vec<f64>)| {
            let sum: f64 = row.iter().zip(&self.behind[instruction]).map(|(a, b)| a * b).sum();
            ((sum / 2.0).tanh() + 0.02 * z[k % z.len()]) as f32
        };
        self.map.iter().enumerate().map(of).collect()
    }

    fn reply(&self, proposal: &Proposal) -> Reply {
        match proposal {
            Proposal::SoftPrompt(soft_prompt) => {
                let instruction = self.write(&soft_prompt.z);
                let hidden_state = self.hidden_state(instruction, &soft_prompt.z);
                Reply { hidden_state, ..Reply::of(format!("do {instruction}")) }
            }
            Proposal::Instruction(text) => Reply::of(text.clone()),
            Proposal::Ask(ask) => {
                Reply::of(format!("do {}", ask.decoding.draw as usize % self.behind.len()))
            }
            other => unreachable!("no words for {other:?}"),
        }
    }

    /// Whether an instruction solves a row: always the same.
    fn score(&self, instruction: &str, row: usize) -> f64 {
        let index = (number(instruction) * 1000 + row) as u64;
        let mut stream = Streams::new(self.seed).stream("row", index);
        f64::from(u8::from(stream.random_range(0.0..1.0) < self.ability(instruction)))
    }

    fn evaluation(&self, instruction: &str, rows: &[usize]) -> Evaluation {
        let score = |row: &usize| ExampleScore::new(*row, Some(self.score(instruction, *row)), "");
        Evaluation::new(rows.iter().map(score).collect(), Usage::default())
    }

    /// What a method comes to with so many calls of the target.
    pub fn play(&self, method: &dyn Method, seed: u64, calls: usize) -> History {
        let mut history = History::scored_on((0..self.rows).collect());
        let mut left = calls;
        loop {
            let step = self.step(&history, method, seed);
            let is_empty =
                step.proposals.is_empty() && step.assignments.is_empty() && step.pruned.is_empty();
            let step = self.within(&history, step, &mut left);
            let is_over = is_empty
                || (step.assignments.is_empty() && !history.steps().is_empty() && left == 0);
            history.push(step);
            if is_over || left == 0 {
                return history;
            }
        }
    }

    fn step(&self, history: &History, method: &dyn Method, seed: u64) -> Step {
        let index = history.steps().len();
        let mut stream = Streams::new(seed).stream("ask", index as u64);
        let proposals = method.propose(history, &mut stream).unwrap();
        let replies: Vec<Reply> = proposals.iter().map(|it| self.reply(it)).collect();
        let readings = method.read(history, &proposals, &replies);
        let mut step = Step { index, proposals, replies, readings, ..Step::default() };
        let fresh = step.candidates(history.candidates().len());
        let allocation = method.allocate(history, &fresh, &mut stream).unwrap();
        let mut next = history.trials().len();
        for job in allocation.jobs {
            let known = history.trial_of(job.candidate);
            let text = match history.candidates().get(job.candidate) {
                Some(known) => &known.instruction,
                None => &fresh[job.candidate - history.candidates().len()].instruction,
            };
            let rows = match job.rows {
                Rows::These(rows) => rows,
                Rows::All | Rows::Redrawn => history.rows().to_vec(),
            };
            let trial = known.map_or(next, |trial| trial.id);
            next += usize::from(known.is_none());
            let evaluation = Some(self.evaluation(text, &sorted(rows.clone())));
            let repeats = history.find(text).map(|trial| trial.id).filter(|id| *id != trial);
            step.assignments.push(Assignment {
                trial,
                candidate: job.candidate,
                rows,
                repeats,
                evaluation,
            });
        }
        step.pruned = allocation.prune;
        step
    }

    /// The step as far as the calls last.
    fn within(&self, history: &History, mut step: Step, left: &mut usize) -> Step {
        let cost = |one: &Assignment| {
            let known = history.trials().get(one.trial).and_then(|it| it.evaluation.as_ref());
            let has = known.map_or(0, |it| it.per_example.len());
            if one.repeats.is_some() { 0 } else { one.rows.len() - has.min(one.rows.len()) }
        };
        let mut kept = 0;
        for one in &step.assignments {
            let Some(rest) = left.checked_sub(cost(one)) else {
                *left = 0;
                break;
            };
            *left = rest;
            kept += 1;
        }
        step.assignments.truncate(kept);
        step
    }

    /// The mean ability of what was begun after the first so many trials.
    pub fn mean_ability(&self, history: &History, first: usize) -> f64 {
        let later: Vec<f64> =
            history.trials().iter().skip(first).map(|it| self.ability(&it.instruction)).collect();
        later.iter().sum::<f64>() / later.len().max(1) as f64
    }

    /// The abilities of all instructions, the highest first.
    pub fn abilities(&self) -> Vec<f64> {
        let of = |index: usize| self.ability(&format!("do {index}"));
        let mut all: Vec<f64> = (0..self.behind.len()).map(of).collect();
        all.sort_by(|a, b| b.total_cmp(a));
        all
    }

    /// The ability of the winner.
    pub fn won(&self, history: &History) -> f64 {
        history.best().map_or(0.0, |trial| self.ability(&trial.instruction))
    }
}

fn sorted(mut rows: Vec<usize>) -> Vec<usize> {
    rows.sort_unstable();
    rows
}

fn number(instruction: &str) -> usize {
    instruction.trim_start_matches("do ").parse().unwrap()
}

/// The rows that a trial is scored on.
pub fn rows(trial: &Trial) -> Vec<usize> {
    let evaluation = trial.evaluation.as_ref().unwrap();
    evaluation.per_example.iter().map(|it| it.example).collect()
}
