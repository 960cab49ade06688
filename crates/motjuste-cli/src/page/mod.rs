//! `report.html`: one study as one page, for people who would rather look than read.
//!
//! The page is a single file without scripts, fonts or links: what it shows is in it. Rust decides
//! what is said (one module per part of the page), `report.html` where, `style.css` how it looks.
//! The mathematical problems have a page of their own ([`solve`]) in the same frame, `base.html`.

mod chart;
#[cfg(test)]
mod contrast;
mod dropped;
mod examples;
mod figures;
#[cfg(test)]
mod fixture;
mod format;
mod headline;
mod instructions;
mod progress_chart;
mod range_plot;
pub(crate) mod solve;
mod steps;
#[cfg(test)]
mod tests;
mod training_chart;
mod trials_chart;

pub(crate) use headline::verdict;
pub(crate) use steps::{Asked, in_full};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use motjuste::report::{Report, StepLine, TrialLine};
use motjuste::task::Example;
use motjuste::trial::Evaluation;

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    /// The study's result.
    pub report: &'a Report,
    /// Every evaluated trial, in order.
    pub trials: &'a [TrialLine],
    /// The winner on the dev examples; empty without a winner.
    pub dev_details: &'a [Detail],
    /// The winner on the test examples; empty before the assessment.
    pub test_details: &'a [Detail],
    /// The steps of OPRO; empty for other methods.
    pub steps: &'a [StepLine],
    /// The meta-prompts of those that are shown in full.
    pub asked: &'a [Asked],
    /// The resolved configuration.
    pub settings_toml: &'a str,
}

/// What the winner made of one example.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Detail {
    /// What the target read.
    pub input: String,
    /// What counts as right.
    pub accepted: Vec<String>,
    /// What the target answered.
    pub answer: String,
    /// The metric's verdict, in [0, 1].
    pub score: f64,
}

/// An evaluation next to the examples it is of; `examples` is the whole split.
pub(crate) fn details(examples: &[Example], evaluation: &Evaluation) -> Vec<Detail> {
    let detail = |scored: &motjuste::trial::ExampleScore| {
        let example = examples.get(scored.example)?;
        Some(Detail {
            input: example.input.clone(),
            accepted: example.outputs.clone(),
            answer: scored.answer.clone(),
            score: scored.score,
        })
    };
    evaluation.per_example.iter().filter_map(detail).collect()
}

/// The whole page.
///
/// # Errors
/// When the template names what it is not given, which a test rules out.
pub(crate) fn render(page: &Page<'_>) -> Result<String, minijinja::Error> {
    render_template("report.html", values(page))
}

/// The pages, and what they share. The ending `.html` is what turns escaping on.
const TEMPLATES: [(&str, &str); 5] = [
    ("base.html", include_str!("base.html")),
    ("dropped.html", include_str!("dropped.html")),
    ("report.html", include_str!("report.html")),
    ("steps.html", include_str!("steps.html")),
    ("solve.html", include_str!("solve/solve.html")),
];

fn render_template(name: &str, values: Value) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    environment.get_template(name)?.render(values)
}

fn style() -> Value {
    Value::from_safe_string(include_str!("style.css").to_owned())
}

fn values(page: &Page<'_>) -> Value {
    let Page { report, trials, .. } = *page;
    context! {
        style => style(),
        task => format::visible(&report.task),
        method => format::visible(&report.method),
        study => format::visible(&report.study),
        seed => report.seed,
        headline => Serde(headline::Headline::of(report)),
        figures => Serde(figures::key_figures(report, trials)),
        progress => Serde(progress_chart::draw(report, trials)),
        trials => Serde(trials_chart::draw(report, trials)),
        instructions => Serde(instructions::parts(report, trials)),
        steps => Serde(steps::Steps::of(report, trials, page.steps, page.asked)),
        splits => Serde([
            examples::Split::of("dev", page.dev_details),
            examples::Split::of("test", page.test_details),
        ]),
        settings => format::visible(page.settings_toml),
        ledger => Serde(figures::ledger(&report.ledger)),
    }
}
