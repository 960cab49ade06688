//! What a person sees while a study runs, in the units that it spends.

mod pace;
mod steps;
mod studies;

pub(crate) use steps::Steps;
pub(crate) use studies::Studies;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use motjuste::budget::{Account, Budget, Ledger};
use motjuste::history::{History, Step, Trial, TrialState};
use motjuste::money::Usd;
use motjuste::study::Observer;
use motjuste_page::format::counted;

use crate::letters::{on_one_line, shown};
use crate::output::{Best, EventName, StepDone};
use crate::summary;
use pace::{Pace, What};

/// A line that lives on a terminal; plain lines elsewhere; JSON lines on request.
pub(crate) struct Progress {
    budget: Budget,
    style: Style,
    pace: Pace,
    last: Mutex<Told>,
}

/// What was told last, line and instruction.
#[derive(Default)]
struct Told {
    line: String,
    instruction: Option<String>,
}

enum Style {
    Live(ProgressBar),
    Lines,
    Json,
}

impl Progress {
    /// Begins to show the progress of `study`.
    pub(crate) fn new(study: &str, budget: Budget, ledger: Arc<Ledger>, json: bool) -> Self {
        let pace = Pace::of(ledger.clone());
        let style = match (json, summary::is_watched()) {
            (true, _) => Style::Json,
            (false, true) => Style::Live(live_bar(study, budget, ledger, pace.clone())),
            (false, false) => {
                pace.tell();
                Style::Lines
            }
        };
        let progress = Self { budget, style, pace, last: Mutex::default() };
        progress.say(&format!("study {study}"));
        progress
    }

    /// Takes the live line away.
    pub(crate) fn finish(&self) {
        if let Style::Live(bar) = &self.style {
            bar.finish_and_clear();
        }
    }

    fn say(&self, what: &str) {
        match &self.style {
            Style::Live(bar) => bar.set_message(shown(what)),
            Style::Lines => summary::note(what),
            Style::Json => {}
        }
    }

    /// A line, unless it is the last one once more; with the instruction, unless that was told before.
    fn tell_once(&self, line: String, instruction: Option<&str>) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.line == line && last.instruction.as_deref() == instruction {
            return;
        }
        match instruction.filter(|text| last.instruction.as_deref() != Some(text)) {
            Some(text) => summary::note(&format!("{line}: {}", on_one_line(text))),
            None => summary::note(&line),
        }
        *last = Told { line, instruction: instruction.map(str::to_owned) };
    }

    fn trials(&self, done: usize) -> String {
        match self.budget.trials {
            Some(limit) => format!("{done}/{limit} trials"),
            None => format!("{done} trials"),
        }
    }
}

const TEMPLATE: &str = "{prefix}\n{bar:30.cyan} {pos}/{len} trials · {spent} · {elapsed}\n{msg}";

fn live_bar(study: &str, budget: Budget, ledger: Arc<Ledger>, pace: Pace) -> ProgressBar {
    let bar = match budget.trials {
        Some(limit) => ProgressBar::new(limit),
        None => ProgressBar::no_length(),
    };
    let bar = bar.with_prefix(shown(study));
    let spent = move |_: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
        let account = ledger.account();
        let (texts, calls) = (account.generator.calls, account.target.calls);
        // A display that cannot be written to has nobody to tell.
        let _ = write!(out, "{texts} texts · {calls} target calls");
        if account.usd() > Usd::ZERO {
            let _ = write!(out, " · {}", account.usd());
        }
        if let Some(words) = pace.words() {
            let _ = write!(out, " · {words}");
        }
    };
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style.with_key("spent", spent));
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Soft prompts from which on their texts are spoken of.
const MANY: usize = 20;

/// What soft prompts brought, before anything is paid for.
fn pilot((soft_prompts, distinct, usable): (usize, usize, usize)) -> Option<String> {
    let advice = match 10 * usable < soft_prompts {
        true => {
            ": the generator says nearly the same to all of them; a larger open model (--generator) has more to say"
        }
        false => "",
    };
    let words = format!(
        "{soft_prompts} soft prompts brought {distinct} distinct texts, {usable} of them usable{advice}"
    );
    (soft_prompts >= MANY).then_some(words)
}

impl Observer for Progress {
    fn generating(&self, step: usize, proposals: usize) {
        self.pace.begin(What::Texts, proposals as u64);
        if step == 0 {
            self.say(&format!("the generator writes {}", counted(proposals, "text")));
        }
    }

    fn written(&self, step: &Step) {
        let is_told = step.index == 0 && !matches!(self.style, Style::Json);
        if let Some(words) = pilot(step.decoded()).filter(|_| is_told) {
            match &self.style {
                Style::Live(bar) => bar.println(words),
                _ => summary::note(&words),
            }
        }
    }

    fn scoring(&self, _step: usize, answers: usize) {
        self.pace.begin(What::Answers, answers as u64);
    }

    fn step(&self, history: &History, account: Account) {
        let done = history.evaluated_trials();
        let best = history.leader().and_then(|trial| {
            let score = trial.evaluation.as_ref()?.score?;
            Some(Best { score, instruction: &trial.instruction })
        });
        if let Style::Json = self.style {
            let target_calls = account.target.calls;
            let step = StepDone { event: EventName::Step, trials: done, target_calls, best };
            return summary::json(&step);
        }
        let score = history.leader().and_then(score_of).unwrap_or_else(|| "–".to_owned());
        let text = best.map(|best| best.instruction);
        match &self.style {
            Style::Live(bar) => {
                bar.set_position(done as u64);
                let text = shown(&on_one_line(text.unwrap_or_default()));
                bar.set_message(format!("best {score}  {text}"));
            }
            Style::Lines => {
                let (trials, calls) = (self.trials(done), account.target.calls);
                self.tell_once(format!("{trials}, {calls} target calls, best {score}"), text);
            }
            Style::Json => {}
        }
    }

    fn assessing(&self, answers: usize) {
        self.pace.begin(What::TestAnswers, answers as u64);
        self.say("scoring the winner and the baselines on the held-out test examples");
    }
}

/// The score of what leads, and on how many rows where it has not answered all of them: a score on a few rows may
/// fall with the next.
fn score_of(trial: &Trial) -> Option<String> {
    let evaluation = trial.evaluation.as_ref()?;
    let part = match trial.state {
        TrialState::Complete => String::new(),
        _ => format!(" on {}", counted(evaluation.per_example.len(), "row")),
    };
    Some(format!("{:.2}{part}", evaluation.score?))
}

/// What a person sees of a download.
#[derive(Default)]
pub(crate) struct Downloads {
    file: String,
    bar: Option<ProgressBar>,
}

const DOWNLOAD: &str = "{msg}\n{bar:30.cyan} {bytes}/{total_bytes} · {bytes_per_sec}";

impl Downloads {
    /// Shows how far the download of a file has come.
    pub(crate) fn show(&mut self, file: &str, done: u64, size: u64) {
        if self.file != file {
            file.clone_into(&mut self.file);
            self.bar = summary::is_watched().then(|| download_bar(file, size));
            if self.bar.is_none() {
                summary::note(&format!("downloading {file}, {:.1} MB", size as f64 / 1e6));
            }
        }
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            if done >= size {
                bar.finish_and_clear();
            }
        }
    }
}

fn download_bar(file: &str, size: u64) -> ProgressBar {
    let bar = ProgressBar::new(size).with_message(shown(&format!("downloading {file}")));
    match ProgressStyle::with_template(DOWNLOAD) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use motjuste::history::{Evaluation, ExampleScore};

    use super::*;

    fn trial(state: TrialState, scores: &[f64]) -> Trial {
        let score =
            |(row, score): (usize, &f64)| ExampleScore::new(row, Some(*score), "a".to_owned());
        let per_example = scores.iter().enumerate().map(score).collect();
        Trial {
            id: 0,
            step: 0,
            candidate: 0,
            instruction: "i".to_owned(),
            state,
            evaluation: Some(Evaluation::new(per_example, Default::default())),
            repeats: None,
        }
    }

    #[test]
    fn a_score_on_some_of_the_rows_says_on_how_many() {
        let part = trial(TrialState::Partial, &[1.0, 1.0, 1.0, 0.0]);
        assert_eq!(score_of(&part).as_deref(), Some("0.75 on 4 rows"));
        let whole = trial(TrialState::Complete, &[1.0, 0.0]);
        assert_eq!(score_of(&whole).as_deref(), Some("0.50"));
    }
}
