//! The body of `POST /api/public/v2/prompts` of Langfuse.

use motjuste::Result;
use serde_json::json;

use super::{Deployment, Exported};

/// A chat prompt, its variables as `{{column}}`.
pub(super) fn body(deployment: &Deployment<'_>) -> Result<Exported> {
    let report = deployment.report;
    let body = json!({
        "type": "chat",
        "name": report.task,
        "prompt": deployment.with_slots(|name| format!("{{{{{name}}}}}")),
        "labels": [],
        "tags": ["motjuste"],
        "config": {
            "study": report.study,
            "test_score": report.test.as_ref().map(|test| test.score),
        },
        "commitMessage": format!("found by the study {}", report.study),
    });
    let nested = deployment.columns().into_iter().filter(|name| name.contains('.'));
    let notes = nested
        .map(|name| format!("{{{{{name}}}}}: Langfuse knows no paths; compile it with that name"));
    Ok(Exported { content: super::json(&body)?, notes: notes.collect() })
}
