//! Configurations and tables of promptfoo.

use motjuste_convert::Format;

use crate::desk::{Desk, cell, rows, scores, sent, tells};

const CHAT: &str = r#"[{"role": "system", "content": "Name the colour of a {{ kind }}."}, {"role": "user", "content": "{{ thing }}"}]"#;

const CONFIG: &str = "
description: colours of things
prompts: [file://chat.json]
providers: [openai:chat:gpt-4.1-mini]
defaultTest:
  vars: {kind: fruit}
  options: {transform: output.trim()}
  assert:
    - {type: equals, value: '{{ colour }}'}
tests:
  - vars: {thing: [banana, lemon], colour: yellow}
  - vars: {thing: tomato, colour: red}
    assert: [{type: llm-rubric, value: is one word}]
  - vars: {thing: grass, kind: plant, colour: green}
";

#[test]
fn a_configuration_becomes_prompt_rows_and_metric() {
    let desk = Desk::with(&[("promptfooconfig.yaml", CONFIG), ("chat.json", CHAT)]);
    let (imported, task) = desk.task(None, &["promptfooconfig.yaml"]);
    assert_eq!(
        (imported.format, imported.rows, &imported.metric[..]),
        (Format::Promptfoo, 4, "exact")
    );
    assert_eq!(imported.target.as_deref(), Some("openai/gpt-4.1-mini"));
    assert_eq!(imported.files["prompt.txt"], "Name the colour of a {{ kind }}.\n");
    assert_eq!(task.start().yours(), Some("Name the colour of a {{ kind }}."));
    let sent = sent(&task);
    assert!(sent.contains("Name the colour of a fruit.") || sent.contains("of a plant."), "{sent}");
    assert!(!imported.inputs.contains(&"colour".to_owned()), "{:?}", imported.inputs);
    assert_eq!(scores(&task, |row| format!(" {}\n", cell(row, "colour"))), [Some(1.0); 4]);
    assert_eq!(scores(&task, |_| "blue".to_owned()), [Some(0.0); 4]);
    assert!(tells(&imported.notes.lost, "is one word"), "{:?}", imported.notes);
    assert!(task.description().contains("is one word"));
}

#[test]
fn a_table_with_expected_cells_is_read_with_its_prompt() {
    let table = "thing,__expected,__metadata:source\nbanana,icontains: yellow,shop\ntomato,icontains: red,shop\n\
                 grass,icontains: green,park\n";
    let desk =
        Desk::with(&[("tests.csv", table), ("prompt.txt", "Say the colour of {{thing}}.\n")]);
    let (imported, task) = desk.task(None, &["tests.csv", "prompt.txt"]);
    assert_eq!((&imported.metric[..], &imported.inputs[..]), ("regex", &["thing".to_owned()][..]));
    assert_eq!(task.start().yours(), Some("Say the colour of {{thing}}."));
    let right = |row: &motjuste::task::Example| {
        format!("It is {}, I think.", row.outputs[0].to_uppercase())
    };
    assert_eq!(scores(&task, right), [Some(1.0); 3]);
    assert_eq!(scores(&task, |_| "icontains".to_owned()), [Some(0.0); 3]);
    assert!(rows(&task).iter().all(|row| row.columns.contains_key("source")));
}

#[test]
fn rubrics_alone_become_a_judge_with_one_rubric_or_one_a_row() {
    let config = |second: &str| {
        format!(
            "prompts: ['Greet {{{{ name }}}} kindly.']\ndefaultTest: {{options: {{provider: 'openai:gpt-4.1'}}}}\ntests:\n  \
             - {{vars: {{name: Ann}}, assert: [{{type: llm-rubric, value: is kind}}]}}\n  \
             - {{vars: {{name: Bob}}, assert: [{{type: llm-rubric, value: '{second}'}}]}}\n  \
             - {{vars: {{name: Cid}}, assert: [{{type: llm-rubric, value: is kind}}]}}\n"
        )
    };
    let desk =
        Desk::with(&[("a.yaml", &config("is kind")), ("b.yaml", &config("names {{ name }}"))]);
    let (one, task) = desk.task(None, &["a.yaml"]);
    assert_eq!((task.score().judge(), &one.metric[..]), (Some("openai/gpt-4.1"), "judge"));
    assert!(one.files["rubric.txt"].contains("is kind"));
    let (each, task) = desk.task(None, &["b.yaml"]);
    assert!(each.files["rubric.txt"].contains("{{ rubric }}"));
    assert!(rows(&task).iter().any(|row| cell(row, "rubric") == "names Bob"));
}

#[test]
fn what_has_no_counterpart_is_told_and_what_is_missing_named() {
    let config = "prompts: [file://make.py, 'Sort {{ x }}: {% if y %}y{% endif %}', 'Other {{ x }}']\nredteam: {}\n\
                  tests:\n  - {vars: {x: a}, assert: [{type: equals, value: A}, {type: latency, threshold: 9}]}\n  \
                  - {vars: {x: b}, assert: [{type: equals, value: B}]}\n  - {vars: {x: c}, assert: [{type: equals, value: C}]}\n";
    let desk =
        Desk::with(&[("c.yaml", config), ("d.yaml", "prompts: [x]\ntests: file://absent.csv\n")]);
    let (imported, task) = desk.task(None, &["c.yaml"]);
    for what in ["make.py", "Nunjucks", "redteam", "latency"] {
        assert!(tells(&imported.notes.lost, what), "{what}: {:?}", imported.notes.lost);
    }
    assert_eq!(task.start().instructions().len(), 2);
    let error = motjuste_convert::import(None, &[desk.path("d.yaml")]).unwrap_err();
    assert!(error.is_data() && error.to_string().contains("absent.csv"), "{error}");
}
