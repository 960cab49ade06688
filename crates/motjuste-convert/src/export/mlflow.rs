//! Requests to `MLflow`'s REST API: a prompt in the registry, and a run with parameters and metrics.

use motjuste::Result;
use serde_json::{Value, json};

use super::{Deployment, Exported};

/// The requests in order: each has a path and a body.
pub(super) fn requests(deployment: &Deployment<'_>) -> Result<Exported> {
    let name = &deployment.report.task;
    let messages = deployment.with_slots(|name| format!("{{{{{name}}}}}"));
    let template = Value::from_iter(messages.iter().map(|it| json!(it))).to_string();
    let is_prompt = json!({ "key": "mlflow.prompt.is_prompt", "value": "true" });
    let version_tags = json!([
        is_prompt,
        { "key": "mlflow.prompt.text", "value": template },
        { "key": "_mlflow_prompt_type", "value": "chat" },
        { "key": "motjuste.study", "value": deployment.report.study },
    ]);
    let requests = json!([
        post("registered-models/create", json!({ "name": name, "tags": [is_prompt] })),
        post(
            "model-versions/create",
            json!({ "name": name, "source": "prompt-template", "tags": version_tags }),
        ),
        post(
            "runs/create",
            json!({ "experiment_id": "0", "run_name": deployment.report.study, "start_time": 0 }),
        ),
        post(
            "runs/log-batch",
            json!({ "run_id": "RUN_ID", "params": params(deployment), "metrics": metrics(deployment) }),
        ),
    ]);
    Ok(Exported {
        content: super::json(&requests)?,
        notes: vec!["RUN_ID is the run_id in the answer to runs/create".to_owned()],
    })
}

fn post(path: &str, body: Value) -> Value {
    json!({ "method": "POST", "path": format!("/api/2.0/mlflow/{path}"), "body": body })
}

fn params(deployment: &Deployment<'_>) -> Value {
    let report = deployment.report;
    let all = [
        ("study", report.study.clone()),
        ("task", report.task.clone()),
        ("method", report.method.clone()),
        ("seed", report.seed.to_string()),
        ("metric", deployment.task.score().id()),
    ];
    Value::from_iter(all.map(|(key, value)| json!({ "key": key, "value": value })))
}

fn metrics(deployment: &Deployment<'_>) -> Value {
    let report = deployment.report;
    let yours = report.baselines.as_ref().and_then(|all| all.yours.as_ref());
    let difference = yours.and_then(|it| it.difference.as_ref());
    let test = report.test.as_ref();
    let all = [
        ("test_score", test.map(|it| it.score)),
        ("test_score_low", test.map(|it| it.low)),
        ("test_score_high", test.map(|it| it.high)),
        ("dev_score", report.dev.map(|it| it.score)),
        ("test_score_yours", yours.map(|it| it.test.score)),
        ("difference_to_yours", difference.map(|it| it.value)),
    ];
    let known = all.into_iter().filter_map(|(key, value)| Some((key, value?)));
    Value::from_iter(
        known.map(|(key, value)| json!({ "key": key, "value": value, "timestamp": 0, "step": 0 })),
    )
}
