//! Comparisons, always the same: what the tests render and what a designer looks at.

use std::sync::Arc;

use motjuste::budget::Budget;
use motjuste::comparison::ComparisonReport;
use motjuste::experiment::{Cell, CellRun, Experiment, Moment, RunState};
use motjuste::interval::Estimate;
use motjuste::method::Registry;
use motjuste::model::Scripted;
use motjuste::study::Study;
use motjuste::task::{Example, Task};

/// A number in [0, 1) that depends on all of these words.
pub(super) fn dice(words: &[&str]) -> f64 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in words.join("\u{1}").bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The high bits of the product of the last letters alone would be much alike.
    state = (state ^ (state >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((state ^ (state >> 32)) >> 11) as f64 / (1u64 << 53) as f64
}

/// What is compared.
pub(super) struct World {
    pub(super) tasks: Vec<&'static str>,
    pub(super) methods: Vec<&'static str>,
    pub(super) seeds: u64,
    pub(super) rows: usize,
}

impl World {
    /// 3 tasks, 4 methods, 3 seeds.
    pub(super) fn usual() -> Self {
        Self {
            tasks: vec!["antonyms", "plural", "sentiment"],
            methods: vec!["manual", "uniform", "ape", "opro"],
            seeds: 3,
            rows: 12,
        }
    }

    fn task(&self, name: &str) -> Task {
        let examples = |split: &str, n: usize| -> Vec<Example> {
            (0..n).map(|row| Example::new(format!("{name} {split} {row}"), ["x"])).collect()
        };
        Task::new(name, examples("train", 6), examples("dev", 8), examples("test", self.rows))
            .unwrap()
    }

    fn cell(name: &str) -> Cell {
        Cell::named(&Registry::built_in(), name).unwrap()
    }

    /// The inputs of the test rows, task by task.
    pub(super) fn inputs(&self) -> Vec<Vec<String>> {
        let of = |name: &&str| {
            let task = self.task(name);
            task.test().iter().map(|example| example.input.clone()).collect()
        };
        self.tasks.iter().map(of).collect()
    }

    /// What the experiment comes to over a model that is right by chance, after `change` to its studies.
    pub(super) fn report(&self, change: impl FnOnce(&mut [CellRun])) -> ComparisonReport {
        let tasks = self.tasks.iter().map(|name| self.task(name)).collect();
        let cells = self.methods.iter().map(|name| Self::cell(name)).collect();
        let budget = Budget { trials: Some(4), ..Budget::default() };
        let experiment = Experiment::new(tasks, cells, 0..self.seeds, budget).unwrap();
        let model = Arc::new(Scripted::new("scripted", |request| {
            let text = request.text();
            match dice(&[&text]) {
                right if right < 0.5 => "x".to_owned(),
                chance => format!("Answer as rule {:.0} says.", chance * 1000.0),
            }
        }));
        let study = |task| Ok(Study::of(task, model.clone()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut runs = runtime.block_on(experiment.run(&study, &())).unwrap();
        change(&mut runs.runs);
        ComparisonReport::of(&runs, "scripted", "scripted")
    }
}

/// The usual world; one study is cut, one method has no complete study on one task, two scores are missing.
pub(super) fn usual() -> ComparisonReport {
    World::usual().report(spoil)
}

/// Cuts a study, leaves `opro` without a study on `plural`, and takes two scores away.
pub(super) fn spoil(runs: &mut [CellRun]) {
    for run in runs.iter_mut() {
        let is_cut = (run.at.cell, run.at.task, run.at.seed) == (2, 2, 2);
        if is_cut || (run.at.cell, run.at.task) == (3, 1) {
            run.state = RunState::Cut;
        }
        if (run.at.cell, run.at.task, run.at.seed) == (1, 0, 0) {
            (run.test_scores[3], run.test_scores[7]) = (None, None);
            let known: Vec<f64> = run.test_scores.iter().copied().flatten().collect();
            run.test = Some(Estimate::of(&known));
        }
    }
}

/// The same where methods differ: the later, the better.
pub(super) fn skilled(runs: &mut [CellRun], methods: usize, rows: usize) {
    for run in runs {
        let skill = 0.35 + 0.45 * run.at.cell as f64 / methods as f64;
        let skill = skill + 0.3 * (dice(&[&run.task]) - 0.5) + 0.06 * (dice(&[&label(run)]) - 0.5);
        run.test_scores = (0..rows).map(|row| Some(answer(run, "test", row, skill))).collect();
        run.dev_scores = (0..30).map(|row| Some(answer(run, "dev", row, skill + 0.06))).collect();
        let mean =
            |scores: &[Option<f64>]| scores.iter().flatten().sum::<f64>() / scores.len() as f64;
        run.dev = Some(mean(&run.dev_scores));
        run.test =
            Some(Estimate::of(&run.test_scores.iter().copied().flatten().collect::<Vec<_>>()));
        run.instruction = Some(words(run));
        run.course = course(run, skill + 0.06);
    }
}

fn label(run: &CellRun) -> String {
    format!("{} {} {}", run.at.cell, run.task, run.at.seed)
}

/// Rows differ in how hard they are.
fn answer(run: &CellRun, split: &str, row: usize, skill: f64) -> f64 {
    let row = row.to_string();
    let hard = dice(&[&run.task, split, &row]);
    let luck = dice(&[&label(run), split, &row]);
    f64::from(u8::from(0.7 * hard + 0.3 * luck < skill))
}

fn course(run: &CellRun, end: f64) -> Vec<Moment> {
    let start = (0.25 * end).max(0.05);
    let speed = 1.5 + 4.0 * dice(&[&label(run), "speed"]);
    let dev = |part: f64| start + (end - start) * (1.0 - (-speed * part).exp());
    let moment = |part: u64| {
        let dev = dev(part as f64 / 20.0);
        Moment { calls: 50 * part, dev, rows: 30, test: Some(dev - 0.06) }
    };
    (1..=20).map(moment).collect()
}

fn words(run: &CellRun) -> String {
    let texts = [
        "Write the opposite.",
        "For every word give the word that means the contrary, in lower case and nothing else.",
        "Read the input twice. Then answer with one word:\n- no explanation\n- no punctuation\n- if several words would do, the most frequent one",
        "Antonym:",
    ];
    let text = texts[(4.0 * dice(&[&label(run), "words"])) as usize];
    if run.at.cell % 5 == 4 { format!("{text} ").repeat(12) } else { text.to_owned() }
}

/// Twelve methods on six tasks with three seeds.
pub(super) fn large() -> (World, ComparisonReport) {
    let world = World {
        tasks: vec![
            "antonyms",
            "cause_selection",
            "common_concept",
            "first_word_letter",
            "informal_to_formal",
            "larger_animal",
            "orthography_starts_with",
        ],
        methods: vec![
            "manual",
            "random-pick",
            "uniform",
            "instructzero",
            "ape",
            "opro",
            "evoprompt-ga",
            "gepa",
            "capo",
            "mipro",
            "hbbops",
            "motjuste",
        ],
        seeds: 3,
        rows: 60,
    };
    let methods = world.methods.len();
    let report = world.report(|runs| skilled(runs, methods, 60));
    (world, report)
}
