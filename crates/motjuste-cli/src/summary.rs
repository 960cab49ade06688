//! What is printed: the only file that writes to the terminal.

use std::io::Write;
use std::path::{Path, PathBuf};

use motjuste::budget::{Account, Budget, Spending, StopReason};
use motjuste::interval::Estimate;
use motjuste::money::Usd;
use motjuste::report::{Baseline, DevScore, Report, TrialLine};
use motjuste::study::Forecast;
use motjuste::task::Example;
use motjuste::trial::Evaluation;
use motjuste::usage::Cost;
use motjuste::{Error, Result};
use motjuste_lm::{Description, Embedded};
use motjuste_remote::{Finding, Probe};

use crate::{files, page};

/// One line of output. A reader who has gone away (`… | head`) is no error.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// One line about the work, beside the output.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The end of a run.
pub(crate) fn result(report: &Report, written: &[PathBuf], json: bool) -> Result<()> {
    if json {
        line(&files::json(report)?);
        return Ok(());
    }
    line(&headline(report));
    line(&scores(report));
    line(&page::verdict(report));
    line("");
    line(&spending(report));
    if let Some(folder) = written.first().and_then(|path| path.parent()) {
        let names = written.iter().filter_map(|path| path.file_name()?.to_str());
        line(&format!("files       {}/", folder.display()));
        line(&format!("            {}", names.collect::<Vec<_>>().join("  ")));
    }
    Ok(())
}

fn headline(report: &Report) -> String {
    let instruction = report.instruction.as_deref().unwrap_or("(no trial was completed)");
    format!("\n  {instruction}\n")
}

fn scores(report: &Report) -> String {
    let mut rows = vec![format!("{:<12}{:>5}  {:>5}  95 % interval", "", "dev", "test")];
    rows.push(row("winner", report.dev, report.test, None));
    if let Some(baselines) = &report.baselines {
        let named = [("manual", Some(&baselines.manual)), ("empty", Some(&baselines.empty))];
        let uniform = [("uniform", baselines.uniform.as_ref())];
        for (name, baseline) in named.into_iter().chain(uniform) {
            rows.extend(baseline.map(|baseline| baseline_row(name, baseline)));
        }
    }
    rows.join("\n")
}

fn baseline_row(name: &str, baseline: &Baseline) -> String {
    row(name, Some(baseline.dev), Some(baseline.test), Some(&baseline.instruction))
}

fn row(name: &str, dev: Option<DevScore>, test: Option<Estimate>, text: Option<&str>) -> String {
    let number = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.2}"));
    let interval = test.map_or(String::new(), |test| {
        format!("{:.2} to {:.2} (n = {})", test.low, test.high, test.n)
    });
    let (dev, test) = (number(dev.map(|dev| dev.score)), number(test.map(|test| test.score)));
    let text = text.map_or(String::new(), |text| format!("  {text:?}"));
    format!("{name:<12}{dev:>5}  {test:>5}  {interval}{text}")
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
            "trials      {} complete, {} distinct instructions, {stop}, {:.1} s",
            trials.complete, trials.distinct_instructions, report.wall_s
        ),
        spent("target", &ledger.target),
        spent("generator", &ledger.generator),
    ];
    lines.extend(judge);
    lines.push(spent("assessment", &ledger.assessment));
    lines.join("\n")
}

/// What one role has used, in a line.
pub(crate) fn spent(name: &str, spent: &Spending) -> String {
    let mut line = format!(
        "{name:<12}{} calls, {} from the cache, {} tokens in, {} out",
        spent.calls, spent.cache_hits, spent.tokens_in, spent.tokens_out
    );
    if spent.usd > Usd::ZERO {
        line += &format!(", {}", spent.usd);
    }
    if spent.lost > 0 {
        line += &format!(", {} lost without an answer", spent.lost);
    }
    line
}

/// What ended a search.
pub(crate) fn stop_words(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Trials => "its number of trials",
        StopReason::Finished => "the method, which has nothing left to try",
        StopReason::TargetCalls => "the cap on target calls",
        StopReason::GeneratorCalls => "the cap on generator calls",
        StopReason::Tokens => "the cap on tokens",
        StopReason::Usd => "the cap on money",
        StopReason::Seconds => "the cap on time",
    }
}

/// All studies of a store.
pub(crate) fn studies(reports: &[Report], json: bool) -> Result<()> {
    for report in reports {
        if json {
            line(&files::json(report)?);
            continue;
        }
        let score = |value: Option<f64>| value.map_or("  – ".to_owned(), |v| format!("{v:.2}"));
        line(&format!(
            "{}  dev {}  test {}  {:>4} trials  {}",
            report.study,
            score(report.dev.map(|dev| dev.score)),
            score(report.test.map(|test| test.score)),
            report.trials.complete,
            report.instruction.as_deref().unwrap_or_default()
        ));
    }
    Ok(())
}

/// One trial in words.
pub(crate) fn trial(line: &TrialLine) -> String {
    let score = line.score.map_or("  – ".to_owned(), |score| format!("{score:.2}"));
    let repeats = line.repeats.map_or(String::new(), |first| format!("  (as trial {first})"));
    format!("{:>5}  round {:>3}  {score}  {}{repeats}", line.trial, line.round, line.instruction)
}

/// One instruction's score, example by example.
pub(crate) fn evaluation(
    instruction: &str,
    examples: &[Example],
    evaluation: &Evaluation,
    estimate: &Estimate,
    account: &Account,
    json: bool,
) -> Result<()> {
    if json {
        let value = serde_json::json!({
            "instruction": instruction, "score": estimate,
            "per_example": evaluation.per_example, "ledger": account.assessment,
        });
        line(&files::json(&value)?);
        return Ok(());
    }
    for (example, score) in examples.iter().zip(&evaluation.per_example) {
        let mark = if score.score == 1.0 { "✓" } else { "✗" };
        line(&format!(
            "{mark} {:.2}  {:?} → {:?}, accepted {:?}",
            score.score, example.input, score.answer, example.outputs
        ));
    }
    line(&row("score", None, Some(*estimate), Some(instruction)));
    Ok(())
}

/// What a run may use at the most.
pub(crate) fn forecast(
    forecast: &Forecast,
    budget: &Budget,
    unpriced: &[String],
    json: bool,
) -> Result<()> {
    if json {
        let value = serde_json::json!({
            "worst_case": forecast, "budget": budget, "no_price_known_for": unpriced,
        });
        line(&files::json(&value)?);
        return Ok(());
    }
    line(&forecast_text(forecast, budget));
    for name in unpriced {
        line(&format!("no price is known for {name}: its money is not in the table"));
    }
    Ok(())
}

/// The worst case as a table.
pub(crate) fn forecast_text(forecast: &Forecast, budget: &Budget) -> String {
    let mut lines = vec![
        format!("at the most, for {} trials:", forecast.trials),
        format!("{:<12}{:>10}{:>14}{:>14}{:>12}", "", "calls", "tokens in", "tokens out", "money"),
    ];
    let row = |name: &str, cost: &Cost| {
        let Cost { calls, usage, usd } = cost;
        let (read, written) = (usage.tokens_in, usage.tokens_out);
        format!("{name:<12}{calls:>10}{read:>14}{written:>14}{:>12}", usd.to_string())
    };
    let roles = [
        ("generator", forecast.generator),
        ("target", forecast.target),
        ("judge", forecast.judge),
        ("assessment", forecast.assessment),
    ];
    let used = roles.iter().filter(|(_, cost)| cost.calls > 0);
    lines.extend(used.map(|(name, cost)| row(name, cost)));
    lines.push(row("in all", &roles.iter().map(|(_, cost)| *cost).sum()));
    lines.extend(caps(budget));
    lines.join("\n")
}

/// The caps that hold whatever the table says.
fn caps(budget: &Budget) -> Option<String> {
    let counts = [
        (budget.target_calls, "target calls"),
        (budget.generator_calls, "generator calls"),
        (budget.tokens, "tokens in the search"),
    ];
    let counts = counts.iter().filter_map(|(cap, what)| Some(format!("{} {what}", (*cap)?)));
    let money = budget.usd.map(|usd| format!("{usd} in all"));
    let caps: Vec<_> = counts.chain(money).collect();
    (!caps.is_empty()).then(|| format!("and never more than {}", caps.join(", ")))
}

/// Asks a question that is answered with y or n; anything but yes is no.
pub(crate) fn ask(question: &str) -> Result<bool> {
    let _ = write!(std::io::stderr(), "{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Error::configuration(format!("cannot read an answer: {error}")))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// What was found out about a model.
pub(crate) fn probe(role: &str, name: &str, probe: &Probe, json: bool) -> Result<()> {
    for Finding { check, passed, meaning, advice } in &probe.findings {
        if json {
            let value = serde_json::json!({
                "role": role, "model": name, "check": check, "passed": passed,
                "meaning": meaning, "advice": advice,
            });
            line(&files::json(&value)?);
            continue;
        }
        let mark = if *passed { "✓" } else { "✗" };
        line(&format!("{mark} {role} {name}: {check}: {meaning}"));
        if let Some(advice) = advice {
            line(&format!("    {advice}"));
        }
    }
    Ok(())
}

/// Where an embedded model was written.
pub(crate) fn exported(model: Embedded, folder: &Path, json: bool) {
    if json {
        line(&serde_json::json!({ "model": model.name(), "folder": folder }).to_string());
        return;
    }
    line(&format!("{}  {}, as a Hugging Face folder", folder.display(), model.name()));
}

/// What can be named besides the embedded models.
const OTHERS: [(&str, &str); 4] = [
    ("FOLDER or FILE.gguf", "generator and target: an open model on this machine"),
    ("hf/ORG/NAME", "generator and target: an open model from the Hugging Face Hub"),
    ("hosted_vllm/, sglang/", "generator (soft prompts) and target, on a server"),
    ("PROVIDER/MODEL", "target and judge: openai, azure, anthropic, gemini, openrouter, ollama, …"),
];

/// The models there are.
pub(crate) fn models(embedded: &[(Embedded, Description)], json: bool) -> Result<()> {
    if json {
        let models: Vec<_> =
            embedded.iter().map(|(model, known)| described(*model, known)).collect();
        line(&files::json(&models)?);
        return Ok(());
    }
    for (model, known) in embedded {
        line(&format!("{:<22}{}: {}", model.name(), roles(*model).join(" and "), known.id));
        line(&format!(
            "{:<22}{:.2} M parameters, {} layers of width {}, {} tokens, context {}, {:.1} MB in the binary",
            "",
            known.parameters as f64 / 1e6,
            known.layers,
            known.hidden,
            known.vocabulary,
            known.context,
            known.bytes as f64 / 1e6
        ));
    }
    for (name, what) in OTHERS {
        line(&format!("{name:<22}{what}"));
    }
    Ok(())
}

fn described(model: Embedded, known: &Description) -> serde_json::Value {
    serde_json::json!({
        "name": model.name(), "id": known.id, "parameters": known.parameters,
        "hidden": known.hidden, "layers": known.layers,
        "vocabulary": known.vocabulary, "context": known.context, "bytes": known.bytes,
        "roles": roles(model),
    })
}

/// What an embedded model is for.
fn roles(model: Embedded) -> &'static [&'static str] {
    match model {
        Embedded::Instructions => &["generator", "target"],
        Embedded::Pairs => &["proposer of pairs (solve linreg)"],
    }
}
