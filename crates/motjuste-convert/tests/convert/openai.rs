//! The forms in which OpenAI's evals platform gives rows, graders, prompts, ratings.

use motjuste::task::Example;
use motjuste_convert::Format;
use serde_json::{Value, json};

use crate::desk::{Desk, cell, rows, scores, sent, tells};

const THINGS: [(&str, &str); 4] = [
    ("a ripe banana", "yellow"),
    ("a tomato", "red"),
    ("fresh grass", "green"),
    ("a lemon", "yellow"),
];

fn item((thing, colour): (&str, &str)) -> Value {
    json!({ "thing": thing, "tone": "dry", "ground_truth": colour })
}

fn lines(values: impl Iterator<Item = Value>) -> String {
    values.map(|value| value.to_string() + "\n").collect()
}

fn output_item(index: usize, pair: (&str, &str)) -> Value {
    json!({
        "object": "eval.run.output_item", "datasource_item_id": index, "datasource_item": item(pair),
        "results": [{ "name": "same", "passed": false, "score": 0.0 }],
        "sample": {
            "input": [
                { "role": "developer", "content": "Name the colour, dry." },
                { "role": "user", "content": format!("Thing: {}", pair.0) },
            ],
            "output": [{ "role": "assistant", "content": "blue" }],
            "model": "gpt-4.1-mini",
        },
    })
}

fn eval(graders: Value) -> Value {
    json!({ "object": "eval", "id": "eval_9", "name": "Colours of things", "testing_criteria": graders })
}

fn same() -> Value {
    json!([{ "type": "string_check", "name": "same", "input": "{{sample.output_text}}",
             "reference": "{{item.ground_truth}}", "operation": "eq" }])
}

fn right(row: &Example) -> String {
    cell(row, "ground_truth").to_owned()
}

#[test]
fn uploaded_items_and_a_dashboard_export_are_rows() {
    let items = lines(THINGS.into_iter().map(|pair| json!({ "item": item(pair) })));
    let graded = |pair| {
        json!({ "item": item(pair), "grades": { "same": 0.0 },
                "sample": { "outputs": [{ "role": "assistant", "content": "blue" }] } })
    };
    let desk = Desk::with(&[
        ("items.jsonl", &items),
        ("eval_items_evalrun_9.jsonl", &lines(THINGS.into_iter().map(graded))),
    ]);
    for name in ["items.jsonl", "eval_items_evalrun_9.jsonl"] {
        let (imported, task) = desk.task(None, &[name]);
        assert_eq!((imported.format, imported.rows), (Format::Openai, 4), "{name}");
        assert_eq!(imported.inputs, ["thing", "tone"]);
        assert_eq!(imported.output.as_deref(), Some("ground_truth"));
        assert_eq!(scores(&task, right), [Some(1.0); 4]);
        assert_eq!(
            scores(&task, |_| "blue".to_owned()),
            [Some(0.0); 4],
            "earlier answers are not right"
        );
    }
    let (imported, task) = desk.task(None, &["eval_items_evalrun_9.jsonl"]);
    assert!(tells(&imported.notes.lost, "the graders same"), "{:?}", imported.notes);
    assert_eq!(cell(task.dev().first().unwrap(), "earlier_answer"), "blue");
}

#[test]
fn the_messages_that_were_sent_give_the_prompt_back() {
    let data: Vec<Value> =
        THINGS.into_iter().enumerate().map(|(at, pair)| output_item(at, pair)).collect();
    let list = json!({ "object": "list", "data": data }).to_string();
    let desk =
        Desk::with(&[("output_items.json", &list), ("eval.json", &eval(same()).to_string())]);
    let (imported, task) = desk.task(None, &["output_items.json", "eval.json"]);
    assert_eq!(
        (&imported.name[..], imported.target.as_deref()),
        ("colours_of_things", Some("openai/gpt-4.1-mini"))
    );
    assert_eq!(task.start().yours(), Some("Name the colour, dry."));
    assert!(
        imported.files["task.toml"].contains("Thing: {{ thing }}"),
        "{}",
        imported.files["task.toml"]
    );
    assert!(sent(&task).contains(&format!("Thing: {}", cell(&task.dev()[0], "thing"))));
    assert_eq!(scores(&task, right), [Some(1.0); 4]);
}

#[test]
fn the_file_of_an_export_script_has_the_template_and_the_graders() {
    let run = json!({ "model": "gpt-4.1-mini", "data_source": { "type": "completions", "model": "gpt-4.1-mini",
        "input_messages": { "type": "template", "template": [
            { "role": "developer", "content": "Name the colour, {{item.tone}}. Keep {x}." },
            { "role": "user", "content": { "type": "input_text", "text": "{{ item.thing }}" } },
        ] } } });
    let script = json!({
        "eval": eval(same()), "rows": THINGS.map(item),
        "runs": [{ "run": run, "output_items": [output_item(0, THINGS[0])] }],
    });
    let desk = Desk::with(&[("eval_9.json", &script.to_string())]);
    let (imported, task) = desk.task(None, &["eval_9.json"]);
    assert_eq!(imported.rows, 4);
    assert_eq!(imported.files["prompt.txt"], "Name the colour, {{ tone }}. Keep {x}.\n");
    assert!(sent(&task).contains("Name the colour, dry. Keep {x}."), "{}", sent(&task));
    assert_eq!(scores(&task, right), [Some(1.0); 4]);
}

#[test]
fn a_rated_table_has_critiques_and_its_bad_answers_are_not_right() {
    let table = "thing,ground_truth,output,rating,output_feedback,Same\n\
                 a banana,yellow,blue,Bad,\"Bananas are\nyellow.\",fail\na tomato,red,red,Good,,pass\ngrass,green,blue,Bad,Look again,fail\n";
    let free = "input,output,rating,output_feedback\nWrite to Ann,Hi.,Bad,Too curt\nWrite to Bob,\"Dear Bob, …\",Good,\nWrite to Cid,Yo.,Bad,Too curt\n";
    let desk = Desk::with(&[("dataset.csv", table), ("free.csv", free)]);
    let (imported, task) = desk.task(None, &["dataset.csv"]);
    assert_eq!((&imported.inputs[..], &imported.metric[..]), (&["thing".to_owned()][..], "exact"));
    assert_eq!(scores(&task, right), [Some(1.0); 3]);
    assert!(
        task.description().contains("Bananas are yellow.")
            && task.description().contains("Look again")
    );
    assert!(
        rows(&task)
            .iter()
            .any(|row| cell(row, "critique") == "Look again" && cell(row, "rating") == "Bad")
    );
    let (imported, task) = desk.task(None, &["free.csv"]);
    assert_eq!((imported.output, &imported.metric[..]), (None, "judge"));
    assert!(
        rows(&task).iter().all(|row| row.outputs.is_empty()),
        "rated answers are no answers to reach"
    );
    assert!(imported.files["rubric.txt"].contains("Too curt"));
    assert_eq!(cell(rows(&task)[0], "input").split(' ').next(), Some("Write"));
}

/// The task of these graders.
fn graded(graders: Value) -> (motjuste_convert::Imported, motjuste::task::Task) {
    let script = json!({ "eval": eval(graders), "rows": THINGS.map(item), "runs": [] });
    Desk::with(&[("e.json", &script.to_string())]).task(None, &["e.json"])
}

#[test]
fn checks_of_strings_become_metrics_that_do_the_same() {
    let check = |operation: &str, reference: &str| {
        graded(json!([{ "type": "string_check", "name": "c", "input": "{{ sample.output_text }}",
                        "reference": reference, "operation": operation }]))
    };
    let (_, like) = check("like", "{{ item.ground_truth }}");
    assert_eq!(scores(&like, |row| format!("{}ish", right(row))), [Some(1.0); 4]);
    assert_eq!(scores(&like, |row| right(row).to_uppercase()), [Some(0.0); 4]);
    let (_, ilike) = check("ilike", "{{ item.ground_truth }}");
    assert_eq!(scores(&ilike, |row| right(row).to_uppercase()), [Some(1.0); 4]);
    let (imported, composed) = check("eq", "{{ item.tone }}: {{ item.ground_truth }}");
    assert_eq!(imported.inputs, ["thing", "tone"]);
    assert_eq!(scores(&composed, |row| format!("dry: {}", right(row))), [Some(1.0); 4]);
}

#[test]
fn what_an_answer_must_not_be_is_checked_by_a_program() {
    let script = json!({ "eval": eval(json!([{ "type": "string_check", "name": "not", "input": "{{sample.output_text}}",
        "reference": "{{item.ground_truth}}", "operation": "ne" }])), "rows": THINGS.map(item), "runs": [] });
    let desk = Desk::with(&[("e.json", &script.to_string())]);
    let (imported, task) = desk.task(None, &["e.json"]);
    assert_eq!((&imported.metric[..], imported.output), ("program", None));
    assert_eq!(imported.inputs, ["thing", "tone"]);
    assert_eq!(scores(&task, right), [Some(0.0); 4]);
    assert_eq!(scores(&task, |_| "blue".to_owned()), [Some(1.0); 4]);
}

#[test]
fn a_python_grader_runs_and_models_become_judges() {
    let source = "def grade(sample, item):\n    return 1.0 if item['ground_truth'] in sample['output_text'] else 0.25\n";
    let script = json!({ "eval": eval(json!([{ "type": "python", "name": "py", "source": source, "pass_threshold": 0.5 }])),
                         "rows": THINGS.map(item), "runs": [] });
    let desk = Desk::with(&[("e.json", &script.to_string())]);
    let (imported, task) = desk.task(None, &["e.json"]);
    assert_eq!(scores(&task, right), [Some(1.0); 4]);
    assert_eq!(scores(&task, |_| String::new()), [Some(0.25); 4]);
    assert!(tells(&imported.notes.lost, "pass mark 0.5"));
    let (imported, task) = graded(
        json!([{ "type": "score_model", "name": "tone", "model": "gpt-4.1", "range": [0, 5],
        "input": [{ "role": "developer", "content": "Is it dry?" },
                  { "role": "user", "content": "{{item.thing}}: {{sample.output_text}} {{ other }}" }] }]),
    );
    assert_eq!(task.score().judge(), Some("openai/gpt-4.1"));
    assert!(imported.files["task.toml"].contains("scale = 5"), "{}", imported.files["task.toml"]);
    assert!(
        imported.files["rubric.txt"].contains("{{ answer }}"),
        "{}",
        imported.files["rubric.txt"]
    );
    let (imported, _) = graded(
        json!([{ "type": "label_model", "name": "l", "model": "gpt-4.1", "labels": ["ok", "no"],
        "passing_labels": ["ok"], "input": [{ "role": "user", "content": "{{sample.output_text}}" }] }]),
    );
    assert!(imported.files["rubric.txt"].contains("If your label is one of: ok"));
}

#[test]
fn the_grader_that_costs_nothing_is_taken_and_others_are_told() {
    let mut graders = json!([
        { "type": "score_model", "name": "tone", "model": "gpt-4.1", "input": [{ "role": "user", "content": "?" }] },
        { "type": "text_similarity", "name": "near", "input": "{{sample.output_text}}",
          "reference": "{{item.ground_truth}}", "evaluation_metric": "bleu" },
        { "type": "multi", "name": "all" },
    ]);
    graders.as_array_mut().unwrap().extend(same().as_array().unwrap().iter().cloned());
    let (imported, _) = graded(graders);
    assert_eq!(imported.metric, "exact");
    for name in ["tone", "near", "all", "bleu"] {
        assert!(tells(&imported.notes.lost, name), "{name}: {:?}", imported.notes);
    }
}

#[test]
fn a_prompt_beside_the_items_is_the_one_in_use() {
    let items = lines(THINGS.into_iter().map(|pair| json!({ "item": item(pair) })));
    let desk = Desk::with(&[
        ("items.jsonl", &items),
        ("rules.txt", "Name the colour.\n"),
        ("whole.txt", "Colour of {{item.thing}}?\n"),
    ]);
    let (_, rules) = desk.task(None, &["rules.txt", "items.jsonl"]);
    let said = sent(&rules);
    assert!(
        said.contains("Name the colour.") && said.contains(cell(&rules.dev()[0], "thing")),
        "{said}"
    );
    let (_, whole) = desk.task(None, &["items.jsonl", "whole.txt"]);
    assert_eq!(sent(&whole), format!("Colour of {}?", cell(&whole.dev()[0], "thing")));
}
