//! The models, and what was found out about them.

use std::path::Path;

use motjuste::Result;
use motjuste_lm::{Description, Embedded, Inspection};
use motjuste_remote::{Finding, Probe};

use super::line;
use crate::files;
use crate::output::{Check, EmbeddedModel, Exported, Inspected};

/// What was found out about a model.
pub(crate) fn probe(role: &str, name: &str, probe: &Probe, json: bool) -> Result<()> {
    for Finding { check, passed, meaning, advice } in &probe.findings {
        if json {
            let (passed, advice) = (*passed, advice.as_deref());
            line(&files::json(&Check { role, model: name, check, passed, meaning, advice })?);
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

/// Where an embedded model was written, and in which form.
pub(crate) fn exported(model: Embedded, path: &Path, form: &str, json: bool) -> Result<()> {
    line(&match json {
        true => files::json(&Exported { model: model.name(), path, form })?,
        false => format!("{}  {}, as a {form}", path.display(), model.name()),
    });
    Ok(())
}

/// What a model's files are.
pub(crate) fn inspected(found: &Inspection, json: bool) -> Result<()> {
    if json {
        line(&files::json(&Inspected::from(found))?);
        return Ok(());
    }
    let kind = match found.chat_template {
        true => "a chat template: it follows instructions",
        false => "no chat template: a base model, which goes on with texts",
    };
    let share = |(name, numbers): (&&str, &u64)| format!("{:.1} M {name}", *numbers as f64 / 1e6);
    let types = found.types.iter().map(share).collect::<Vec<_>>().join(", ");
    line(&format!("{}  {}, {kind}", found.id, found.family));
    line(&format!(
        "{:.1} M parameters, {} layers of width {}, {} tokens, context {}, {:.1} MB: {types}",
        found.parameters as f64 / 1e6,
        found.layers,
        found.hidden,
        found.vocabulary,
        found.context,
        found.bytes as f64 / 1e6
    ));
    Ok(())
}

/// What can be named besides the embedded models.
const OTHERS: [(&str, &str); 6] = [
    ("FOLDER or FILE.gguf", "generator and target: an open model on this machine"),
    ("hf/ORG/NAME", "generator and target: an open model from the Hugging Face Hub"),
    ("hosted_vllm/, sglang/", "generator (soft prompts) and target, on a server"),
    ("PROVIDER/MODEL", "target and judge: openai, azure, anthropic, gemini, openrouter, ollama, …"),
    (
        "\"command:PROGRAM …\"",
        "target, generator and judge: a program of yours, lines of JSON in and out",
    ),
    ("http://HOST/PATH", "the same as a web service"),
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
        line(&format!("{:<22}{}: {}", model.name(), roles(*model).join(", "), known.id));
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

fn described(model: Embedded, known: &Description) -> EmbeddedModel<'_> {
    EmbeddedModel {
        name: model.name(),
        id: &known.id,
        parameters: known.parameters,
        hidden: known.hidden,
        layers: known.layers,
        vocabulary: known.vocabulary,
        context: known.context,
        bytes: known.bytes,
        roles: roles(model),
    }
}

/// What an embedded model is for.
fn roles(model: Embedded) -> &'static [&'static str] {
    match model {
        Embedded::Instructions => &["generator", "target", "proposer of instructions (opro)"],
        Embedded::Pairs => &["proposer of pairs (solve linreg)"],
        Embedded::Tours => &["proposer of tours (solve tsp)"],
    }
}
