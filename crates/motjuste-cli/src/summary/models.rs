//! The models, and what was found out about them.

use std::path::Path;

use motjuste::Result;
use motjuste_lm::Description;
use motjuste_remote::{Finding, Probe};

use super::line;
use crate::files;

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

/// Where the embedded model was written.
pub(crate) fn exported(folder: &Path, json: bool) {
    if json {
        line(&serde_json::json!({ "folder": folder }).to_string());
        return;
    }
    line(&format!("{}  the embedded model, as a Hugging Face folder", folder.display()));
}

/// What can be named besides the embedded model.
const OTHERS: [(&str, &str); 4] = [
    ("FOLDER or FILE.gguf", "generator and target: an open model on this machine"),
    ("hf/ORG/NAME", "generator and target: an open model from the Hugging Face Hub"),
    ("hosted_vllm/, sglang/", "generator (soft prompts) and target, on a server"),
    ("PROVIDER/MODEL", "target and judge: openai, azure, anthropic, gemini, openrouter, ollama, …"),
];

/// The models there are.
pub(crate) fn models(embedded: &Description, json: bool) -> Result<()> {
    if json {
        let value = serde_json::json!({
            "name": "embedded", "id": embedded.id, "parameters": embedded.parameters,
            "hidden": embedded.hidden, "layers": embedded.layers,
            "vocabulary": embedded.vocabulary, "context": embedded.context, "bytes": embedded.bytes,
            "roles": ["generator", "target"],
        });
        line(&files::json(&value)?);
        return Ok(());
    }
    line(&format!("embedded  generator and target  {}", embedded.id));
    line(&format!(
        "          {:.2} M parameters, {} layers of width {}, {} tokens, context {}, {:.1} MB in the binary",
        embedded.parameters as f64 / 1e6,
        embedded.layers,
        embedded.hidden,
        embedded.vocabulary,
        embedded.context,
        embedded.bytes as f64 / 1e6
    ));
    for (name, what) in OTHERS {
        line(&format!("{name:<22}{what}"));
    }
    Ok(())
}
