//! What the studies came to, in Markdown.

use std::collections::BTreeMap;

use motjuste::interval::{Block, Difference};
use motjuste::journal::Outcome;
use motjuste::{Error, Result};

/// What one study came to.
pub(crate) struct Line {
    task: String,
    method: String,
    dev: Vec<f64>,
    test: Vec<f64>,
    manual: f64,
    empty: f64,
    calls_to_best: u64,
}

impl Line {
    pub(crate) fn of(method: &str, outcome: &Outcome) -> Result<Self> {
        let missing = || Error::data("a study ended without a winner");
        let assessment = outcome.assessment.as_ref().ok_or_else(missing)?;
        let winner = assessment.winner.as_ref().ok_or_else(missing)?;
        let first = outcome.history.find(&winner.instruction).ok_or_else(missing)?;
        let paid = outcome.history.trials().take_while(|trial| trial.id <= first.id);
        let paid = paid.filter(|trial| trial.repeats.is_none()).count() as u64;
        Ok(Self {
            task: outcome.config.task.name.clone(),
            method: method.to_owned(),
            dev: winner.dev.scores(),
            test: winner.test.scores(),
            manual: assessment.manual.test.score,
            empty: assessment.empty.test.score,
            calls_to_best: paid * outcome.config.task.dev as u64,
        })
    }

    pub(crate) fn json(&self, outcome: &Outcome) -> serde_json::Value {
        serde_json::json!({
            "task": self.task, "method": self.method, "seed": outcome.config.seed,
            "dev": mean(&self.dev), "test": mean(&self.test),
            "manual": self.manual, "empty": self.empty, "calls_to_best": self.calls_to_best,
            "calls": outcome.account.target.calls, "trials": outcome.history.evaluated_trials(),
            "distinct": outcome.history.distinct_instructions(),
            "instruction": outcome.winner().map(|trial| &trial.instruction),
        })
    }
}

/// All studies, and the held-out scores of what a method begins with.
pub(crate) struct Tables {
    methods: Vec<String>,
    lines: Vec<Line>,
    starts: BTreeMap<(String, String), Vec<f64>>,
}

impl Tables {
    pub(crate) fn new(methods: &[&str]) -> Self {
        let methods = methods.iter().map(|&method| method.to_owned()).collect();
        Self { methods, lines: Vec::new(), starts: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, line: Line) {
        self.lines.push(line);
    }

    pub(crate) fn begin(&mut self, task: &str, method: &str, scores: Vec<f64>) {
        self.starts.insert((task.to_owned(), method.to_owned()), scores);
    }

    pub(crate) fn print(&self) {
        self.print_scores();
        self.print_search();
        self.print_differences();
        for method in &self.methods {
            self.print_start(method);
        }
    }

    fn tasks(&self) -> Vec<&str> {
        let mut tasks: Vec<&str> = self.lines.iter().map(|line| line.task.as_str()).collect();
        tasks.dedup();
        tasks
    }

    fn of<'a>(&'a self, task: &str, method: &str) -> Vec<&'a Line> {
        self.lines.iter().filter(|line| line.task == task && line.method == method).collect()
    }

    /// The mean over the studies of each task.
    fn means(&self, method: &str, value: fn(&Line) -> f64) -> Vec<Spread> {
        let spread = |task: &&str| {
            Spread::of(&self.of(task, method).into_iter().map(value).collect::<Vec<_>>())
        };
        self.tasks().iter().map(spread).collect()
    }

    fn print_scores(&self) {
        header("Held-out score", &["task", "empty", "Manual"], &self.methods);
        let Some(first) = self.methods.first() else { return };
        let mut columns = vec![
            plain(&self.means(first, |line| line.empty)),
            plain(&self.means(first, |line| line.manual)),
        ];
        for method in &self.methods {
            let means = self.means(method, |line| mean(&line.test));
            let over_tasks = Spread::of(&means.iter().map(|one| one.mean).collect::<Vec<_>>());
            let cells = means.iter().chain([&over_tasks]).map(Spread::text);
            columns.push(cells.collect());
        }
        self.print_columns(&columns);
    }

    fn print_search(&self) {
        header("Dev score, and calls until the best was found", &["task"], &self.methods);
        let mut columns = Vec::new();
        for method in &self.methods {
            let dev = plain(&self.means(method, |line| mean(&line.dev)));
            let calls = self.means(method, |line| line.calls_to_best as f64);
            let all = mean(&calls.iter().map(|one| one.mean).collect::<Vec<_>>());
            let calls = calls.iter().map(|one| one.mean).chain([all]);
            columns.push(
                dev.iter().zip(calls).map(|(dev, calls)| format!("{dev}, {calls:.0}")).collect(),
            );
        }
        self.print_columns(&columns);
    }

    fn print_columns(&self, columns: &[Vec<String>]) {
        let titles = self.tasks().into_iter().chain(["**all**"]);
        for (row, title) in titles.enumerate() {
            let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
            println!("| {title} | {} |", cells.join(" | "));
        }
    }

    /// The first method less each of the others, paired by task, seed and example.
    fn print_differences(&self) {
        let Some((first, others)) = self.methods.split_first() else { return };
        println!("\n## `{first}` less the others, 95 % intervals\n");
        println!(
            "| against | test | dev | tasks where it is better on test, worse |\n|---|---|---|---|"
        );
        for other in others {
            let test = self.blocks(first, other, |line| &line.test);
            let dev = self.blocks(first, other, |line| &line.dev);
            let apart: Vec<Difference> =
                test.iter().map(|block| Difference::paired(std::slice::from_ref(block))).collect();
            println!(
                "| `{other}` | {} | {} | {}, {} of {} |",
                text(&Difference::paired(&test)),
                text(&Difference::paired(&dev)),
                apart.iter().filter(|one| one.low > 0.0).count(),
                apart.iter().filter(|one| one.high < 0.0).count(),
                apart.len(),
            );
        }
    }

    fn blocks(&self, first: &str, other: &str, scores: fn(&Line) -> &Vec<f64>) -> Vec<Block> {
        let block = |task: &&str| {
            let pairs = self.of(task, first).into_iter().zip(self.of(task, other));
            pairs.map(|(one, another)| less(scores(one), scores(another))).collect()
        };
        self.tasks().iter().map(block).collect()
    }

    /// A method less the instruction that it begins with, task by task.
    fn print_start(&self, method: &str) {
        let start = |task: &&str| self.starts.get(&((*task).to_owned(), method.to_owned()));
        let tasks: Vec<&str> =
            self.tasks().into_iter().filter(|task| start(task).is_some()).collect();
        if tasks.is_empty() {
            return;
        }
        println!("\n## `{method}` less its starting instruction, held out, 95 % intervals\n");
        println!("| task | start | `{method}` | difference |\n|---|---|---|---|");
        for task in tasks {
            let Some(begun) = start(&task) else { continue };
            let lines = self.of(task, method);
            let block = lines.iter().map(|line| less(&line.test, begun)).collect();
            let reached = mean(&lines.iter().map(|line| mean(&line.test)).collect::<Vec<_>>());
            let difference = text(&Difference::paired(&[block]));
            println!("| {task} | {:.2} | {reached:.2} | {difference} |", mean(begun));
        }
    }
}

/// A mean with its standard error.
struct Spread {
    mean: f64,
    error: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let (n, mean) = (values.len() as f64, mean(values));
        let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        Self { mean, error: (square / (n - 1.0).max(1.0) / n).sqrt() }
    }

    fn text(&self) -> String {
        format!("{:.2} ± {:.2}", self.mean, self.error)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn less(these: &[f64], those: &[f64]) -> Vec<f64> {
    these.iter().zip(those).map(|(this, that)| this - that).collect()
}

/// The means in print, and the mean of them.
fn plain(spreads: &[Spread]) -> Vec<String> {
    let means: Vec<f64> = spreads.iter().map(|one| one.mean).collect();
    means.iter().chain([&mean(&means)]).map(|mean| format!("{mean:.2}")).collect()
}

fn text(difference: &Difference) -> String {
    let Difference { value, low, high } = difference;
    format!("{value:+.3} ({low:+.3} to {high:+.3})")
}

fn header(title: &str, columns: &[&str], methods: &[String]) {
    let named = methods.iter().map(|method| format!("`{method}`"));
    let columns: Vec<String> = columns.iter().map(|&c| c.to_owned()).chain(named).collect();
    println!("\n## {title}\n\n| {} |\n|{}", columns.join(" | "), "---|".repeat(columns.len()));
}
