//! Results in the forms of other tools.

use std::path::Path;

use motjuste::journal::{StudyConfig, replay};
use motjuste::metric::{Label, Normalized};
use motjuste::model::MessageRole;
use motjuste::prompt::MessageTemplate;
use motjuste::report::Report;
use motjuste::score::{Bare, BuiltIn};
use motjuste::task::Task;
use motjuste_convert::{Deployment, Exported, Target, export};
use serde_json::Value;

use crate::desk::{Desk, rows, scores};

fn config() -> StudyConfig {
    let json = include_str!("study.json");
    serde_json::from_str(json).unwrap()
}

/// The task of a configuration, a result of it, and what a form makes of it.
fn exported(target: Target, metric: &str, task: &Task) -> (String, Vec<String>) {
    let exported = exported_to(None, target, task);
    assert!(task.score().id().starts_with(metric), "{}", task.score().id());
    (exported.content, exported.notes)
}

fn exported_to(file: Option<&str>, target: Target, task: &Task) -> Exported {
    let outcome = replay(&config(), Vec::new());
    let report = Report::of("colours-study", &outcome, None);
    let messages = [
        MessageTemplate::new(MessageRole::System, "Be exact, {{ kind }}: {{ foreign }}"),
        MessageTemplate::new(MessageRole::User, "{{ thing }}"),
    ];
    let deployment = Deployment {
        prompt: "Be exact, {{ kind }}: {{ foreign }}",
        messages: &messages,
        report: &report,
        task,
        file: file.map(Path::new),
    };
    export(target, &deployment).unwrap()
}

fn task(expected: &str) -> Task {
    let config = format!(
        "prompts: ['[{{\"role\": \"system\", \"content\": \"Colour of a {{{{ kind }}}}?\"}}, {{\"role\": \"user\", \"content\": \
         \"{{{{ thing }}}}\"}}]']\ndefaultTest: {{assert: [{{type: {expected}, value: '{{{{ colour }}}}'}}]}}\ntests:\n  \
         - {{vars: {{thing: 'a [ripe] banana', kind: fruit, colour: yellow}}}}\n  - {{vars: {{thing: tomato, kind: fruit, colour: red}}}}\n  \
         - {{vars: {{thing: grass, kind: plant, colour: green}}}}\n"
    );
    Desk::with(&[("c.yaml", &config)]).task(None, &["c.yaml"]).1
}

#[test]
fn a_label_is_checked_by_a_script_and_other_answers_are_named() {
    let label = Bare::new(BuiltIn::of(Label::of(["yellow", "red", "green"])));
    let task = task("equals");
    let right = task.test()[0].outputs[0].clone();
    let task = task.with_score(label);
    let (content, notes) = exported(Target::Promptfoo, "label", &task);
    assert!(
        content.contains("type: javascript") && content.contains("right.includes"),
        "{content}"
    );
    assert!(notes.iter().all(|note| !note.contains("add one of yours")), "{notes:?}");
    let task = task.with_score(Bare::new(BuiltIn::of(Normalized::default())));
    let (content, notes) = exported(Target::Promptfoo, "normalized", &task);
    assert!(content.contains(&format!("accepted: {right}")), "{content}");
    assert!(notes.iter().any(|note| note.contains("add one of yours")), "{notes:?}");
}

#[test]
fn what_goes_to_promptfoo_comes_back_and_scores_alike() {
    for (kind, metric) in [("equals", "exact"), ("icontains", "regex"), ("contains", "regex")] {
        let task = task(kind);
        let (content, notes) = exported(Target::Promptfoo, metric, &task);
        assert!(notes.iter().any(|note| note.contains("provider")), "{notes:?}");
        assert!(content.contains(&format!("type: {kind}")), "{content}");
        let desk = Desk::with(&[("back.yaml", &content)]);
        let back = desk.import(None, &["back.yaml"]);
        assert_eq!((back.rows, &back.metric[..]), (task.test().len(), metric), "{content}");
        assert!(
            back.files["prompt.txt"].starts_with("Be exact, {{ kind }}: "),
            "{:?}",
            back.files["prompt.txt"]
        );
        assert!(back.files["prompt.txt"].contains("{% raw %}{{ foreign }}{% endraw %}"));
        let row: Value =
            serde_json::from_str(back.files["rows.jsonl"].lines().next().unwrap()).unwrap();
        assert_eq!(row["thing"], task.test()[0].columns["thing"]);
        assert_eq!(row["expected"], task.test()[0].outputs[0]);
    }
    let task = task("equals");
    assert_eq!(scores(&task, |row| row.outputs[0].clone()).len(), rows(&task).len());
}

#[test]
fn the_other_forms_hold_the_prompt() {
    let task = task("equals");
    let read =
        |target| -> Value { serde_json::from_str(&exported(target, "exact", &task).0).unwrap() };
    let messages = read(Target::Messages);
    assert_eq!(messages["messages"][0]["content"], "Be exact, {{ kind }}: {{ foreign }}");
    let langfuse = read(Target::Langfuse);
    assert_eq!(langfuse["prompt"][1]["content"], "{{thing}}");
    assert_eq!(langfuse["prompt"][0]["content"], "Be exact, {{kind}}: {{ foreign }}");
    let dspy = read(Target::Dspy);
    assert_eq!(dspy["signature"]["instructions"], "Be exact, {{ kind }}: {{ foreign }}");
    assert_eq!(dspy["signature"]["fields"].as_array().unwrap().len(), 3);
    let mlflow = read(Target::Mlflow);
    let text = mlflow[1]["body"]["tags"][1]["value"].as_str().unwrap();
    let template: Value = serde_json::from_str(text).unwrap();
    assert_eq!(template[1]["content"], "{{thing}}");
    assert_eq!(mlflow[3]["path"], "/api/2.0/mlflow/runs/log-batch");
}

#[test]
fn a_state_is_loaded_from_the_file_that_it_is_written_to() {
    let task = task("equals");
    let note = |file| exported_to(file, Target::Dspy, &task).notes.remove(0);
    let loads =
        |file: &str| format!("load it with dspy.Predict(\"kind, thing -> answer\").load({file:?})");
    assert_eq!(note(Some("out/desk.json")), loads("out/desk.json"));
    assert!(note(Some("out/desk")).ends_with(&loads("out/desk.json")));
    assert!(note(Some("out/desk")).contains("names in .json: rename it"));
    assert!(note(None).ends_with(&loads("program.json")));
}
