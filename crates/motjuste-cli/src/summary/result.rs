//! What an instruction is worth: the end of a run, or of one scoring.

use std::path::PathBuf;

use motjuste::Result;
use motjuste::budget::{Account, Spending};
use motjuste::history::{Evaluation, ExampleScore};
use motjuste::interval::Estimate;
use motjuste::money::Usd;
use motjuste::report::{AnswerCounts, Baseline, DevScore, Missing, Report, TrialCounts};
use motjuste::task::Example;
use motjuste_models::ModelName;
use motjuste_page::format::brief;
use motjuste_page::{Column, Table, faulty_answers, verdict, words_of_rows};

use super::{line, spent, stop_words};
use crate::files;
use crate::letters::on_one_line;
use crate::output::Evaluated;

/// The end of a run.
pub(crate) fn result(report: &Report, written: &[PathBuf], json: bool) -> Result<()> {
    if json {
        line(&files::json(report)?);
        return Ok(());
    }
    line(&headline(report));
    if let Some(words) = &report.copied {
        let words = words_of_rows(words, report.copied_rows);
        line(&format!("It holds {words} (copied = \"drop\" in the task file forbids it).\n"));
    }
    line(&scores(report).to_text());
    line(&verdict(report));
    line("");
    line(&spending(report));
    self::written(written);
    Ok(())
}

/// The files that were written, all in one folder.
pub(crate) fn written(files: &[PathBuf]) {
    let Some(folder) = files.first().and_then(|path| path.parent()) else { return };
    let names = files.iter().filter_map(|path| path.file_name()?.to_str());
    line(&format!("files       {}/", folder.display()));
    line(&format!("            {}", names.collect::<Vec<_>>().join("  ")));
}

fn headline(report: &Report) -> String {
    let prompt = report.prompt.as_deref().unwrap_or("(no trial was completed)");
    let keep = if report.keep_yours { "Keep yours:\n\n  " } else { "" };
    format!("\n  {keep}{}\n", prompt.replace('\n', "\n  "))
}

/// Winner and baselines, as wide as the lines on the spending below.
fn scores(report: &Report) -> Table {
    let mut rows = vec![row("winner", report.dev, report.test, String::new())];
    if let Some(baselines) = &report.baselines {
        let yours = baselines.yours.as_ref();
        let named = [
            ("yours", yours),
            ("manual", Some(&baselines.manual)),
            ("empty", Some(&baselines.empty)),
        ];
        let uniform = [("uniform", baselines.uniform.as_ref())];
        for (name, baseline) in named.into_iter().chain(uniform) {
            rows.extend(baseline.map(|baseline| baseline_row(name, baseline)));
        }
    }
    let columns = [
        Column::text("").at_least(10),
        Column::number("dev").at_least(5),
        Column::number("test").at_least(5),
        Column::text("95 % interval"),
        Column::text(""),
    ];
    Table::new("Scores", columns, rows)
}

fn baseline_row(name: &str, baseline: &Baseline) -> [String; 5] {
    let told = one_line(&baseline.instruction);
    row(name, baseline.dev, Some(baseline.test), told)
}

/// An instruction as one line of a table: its beginning in quotes.
fn one_line(instruction: &str) -> String {
    const SHOWN: usize = 60;
    match instruction.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &instruction[..end]),
        None => format!("{instruction:?}"),
    }
}

fn row(name: &str, dev: Option<DevScore>, test: Option<Estimate>, text: String) -> [String; 5] {
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.2}"));
    let (dev, score) = (number(dev.map(|dev| dev.score)), number(test.map(|test| test.score)));
    [name.to_owned(), dev, score, test.map_or(String::new(), interval), text]
}

pub(super) fn interval(estimate: Estimate) -> String {
    format!("{:.2} to {:.2} (n = {})", estimate.low, estimate.high, estimate.n)
}

fn spending(report: &Report) -> String {
    let stop = report
        .stop_reason
        .map_or("not finished".to_owned(), |reason| format!("ended by {}", stop_words(reason)));
    let trials = &report.trials;
    let ledger = &report.ledger;
    let judge = (ledger.judge.calls > 0).then(|| spent("judge", &ledger.judge));
    let mut lines = vec![
        format!("study       {}", report.study),
        format!(
            "trials      {}, {} distinct instructions, {stop}, {:.1} s",
            counted(trials),
            trials.distinct_instructions,
            report.wall_s
        ),
        spent("target", &ledger.target),
        spent("generator", &ledger.generator),
    ];
    lines.extend(judge);
    lines.push(spent("assessment", &ledger.assessment));
    lines.extend(open(&report.open));
    lines.extend(answers(&report.answers, &report.target));
    lines.extend(missing(&report.missing));
    lines.join("\n")
}

/// How far trials got: those that a race left on some of the rows are told, too.
fn counted(trials: &TrialCounts) -> String {
    let on_some_rows = trials.partial + trials.pruned;
    match on_some_rows {
        0 => format!("{} complete", trials.complete),
        some => format!("{} complete, {some} on some rows", trials.complete),
    }
}

/// The calls whose answers are not there.
fn open(Spending { calls, tokens_in, tokens_out, usd, .. }: &Spending) -> Option<String> {
    let money = if *usd > Usd::ZERO { format!(", {usd}") } else { String::new() };
    (*calls > 0).then(|| {
        format!(
            "open        {calls} calls may have been charged for: up to {tokens_in} tokens in, {tokens_out} \
             out{money}; they are in flight, or lost, and then counted when the study goes on"
        )
    })
}

/// What is wrong with some of the answers of this target, if anything is, and which option mends it.
fn answers(counts: &AnswerCounts, target: &str) -> Option<String> {
    let whole = counts.cut.saturating_sub(counts.cut_in_thought);
    let mend = match (counts.cut_in_thought, whole, counts.empty) {
        (0, 0, 0) => String::new(),
        (0, 0, _) => " (motjuste doctor TASK tries one row)".to_owned(),
        (0, _, _) => " (--answer-tokens N allows longer ones)".to_owned(),
        (_, 0, _) => format!(" ({} N leaves more room to think)", room_to_think(target)),
        _ => {
            let room = room_to_think(target);
            format!(" ({room} N leaves more room to think, --answer-tokens N allows longer ones)")
        }
    };
    faulty_answers(counts).map(|told| format!("answers     {}: {told}{mend}", counts.answers))
}

/// The option that gives this target more tokens for thinking. A model behind an API has some beyond an
/// answer's length; one in this process, or a program, has that length alone.
pub(crate) fn room_to_think(target: &str) -> &'static str {
    let target = ModelName::new(target);
    match target.is_remote() && target.command().is_none() {
        true => "--thinking-tokens",
        false => "--answer-tokens",
    }
}

/// Why answers have no score, a reason on a line.
fn missing(reasons: &[Missing]) -> Vec<String> {
    let told = |missing: &Missing| {
        format!("            {} × {}", missing.answers, reason(&missing.reason))
    };
    reasons.iter().map(told).collect()
}

/// A reason on one line, its end left out where it is long.
fn reason(text: &str) -> String {
    const SHOWN: usize = 400;
    let text = on_one_line(text.trim());
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// One example's score and answer; a missing score is a question mark, with the reason.
fn scored(example: &Example, score: &ExampleScore) -> String {
    let (mark, shown) = match score.score {
        Some(1.0) => ("✓", "1.00".to_owned()),
        Some(score) => ("✗", format!("{score:.2}")),
        None => ("?", "–   ".to_owned()),
    };
    let (input, answer) = (brief(&example.input), brief(&score.answer));
    let rest = match (score.score, &score.feedback) {
        (None, Some(why)) => format!(", {}", reason(why)),
        _ => accepted(&example.outputs),
    };
    format!("{mark} {shown}  {input} → {answer}{rest}")
}

/// What is accepted; nothing of rows that a judge or a program scores without it.
fn accepted(outputs: &[String]) -> String {
    let all: Vec<String> = outputs.iter().map(|output| brief(output)).collect();
    if all.is_empty() { String::new() } else { format!(", accepted {}", all.join(", ")) }
}

/// One instruction's score with this target, example by example.
pub(crate) fn evaluation(
    target: &str,
    instruction: &str,
    examples: &[Example],
    evaluation: &Evaluation,
    estimate: &Estimate,
    account: &Account,
    json: bool,
) -> Result<()> {
    if json {
        let per_example = &evaluation.per_example;
        let ledger = &account.assessment;
        line(&files::json(&Evaluated { instruction, score: estimate, per_example, ledger })?);
        return Ok(());
    }
    for (example, score) in examples.iter().zip(&evaluation.per_example) {
        line(&scored(example, score));
    }
    line(&format!("score       {}  {}", score_of(*estimate), brief(instruction)));
    let told = answers(&AnswerCounts::of(evaluation), target);
    told.into_iter().chain(missing(&Missing::among([evaluation]))).for_each(|told| line(&told));
    Ok(())
}

/// A mean with its interval; none where no row has a score.
fn score_of(estimate: Estimate) -> String {
    match estimate.n {
        0 => "–     no row has a score (n = 0)".to_owned(),
        _ => format!("{:.2}  {}", estimate.score, interval(estimate)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_a_score_have_no_mean() {
        let none = Estimate { score: -0.0, low: 0.0, high: 1.0, n: 0 };
        assert!(score_of(none).starts_with("–") && !score_of(none).contains("0.00"));
        let some = Estimate { score: 0.5, low: 0.2, high: 0.8, n: 4 };
        assert_eq!(score_of(some), "0.50  0.20 to 0.80 (n = 4)");
    }

    #[test]
    fn what_a_judge_scores_without_an_accepted_answer_names_none() {
        let score = ExampleScore::new(0, Some(1.0), "x".to_owned());
        let told = |row: Example| scored(&row, &score);
        assert!(told(Example::new("a", ["y"])).ends_with("accepted “y”"));
        assert!(!told(Example::new("a", [""; 0])).contains("accepted"));
    }

    #[test]
    fn a_row_without_a_score_says_why() {
        let why = Some("no answer: the program crashed;\nit said: no windows".to_owned());
        let lost = ExampleScore { feedback: why, ..ExampleScore::new(0, None, "") };
        let told = scored(&Example::new("window", ["w"]), &lost);
        let expected = "“window” → (empty), no answer: the program crashed;⏎it said: no windows";
        assert!(told.ends_with(expected), "{told}");
    }

    #[test]
    fn what_was_cut_names_the_option_that_mends_it() {
        let cut = |cut, cut_in_thought| AnswerCounts {
            answers: 8,
            cut,
            cut_in_thought,
            ..AnswerCounts::default()
        };
        let told = |counts, target| answers(&counts, target).unwrap();
        let thinker = "openai/gpt-5-mini";
        assert!(
            told(cut(3, 0), thinker)
                .ends_with("3 cut short (--answer-tokens N allows longer ones)")
        );
        let thought = told(cut(3, 3), thinker);
        assert!(
            thought.contains("--thinking-tokens") && !thought.contains("--answer-tokens"),
            "{thought}"
        );
        let both = told(cut(3, 1), thinker);
        assert!(both.contains("--thinking-tokens") && both.contains("--answer-tokens"), "{both}");
        for other in ["embedded", "command:python3 app.py"] {
            assert!(!told(cut(3, 3), other).contains("--thinking-tokens"));
        }
    }

    #[test]
    fn long_texts_take_a_line() {
        let example = Example::new("why? ".repeat(5_000), ["because ".repeat(5_000)]);
        let score = ExampleScore::new(0, Some(1.0), "it is so\n".repeat(5_000));
        let line = scored(&example, &score);
        assert!(line.chars().count() < 500 && line.contains("it is so it is so"), "{line}");
    }
}
