//! Transcripts, MLflow, Langfuse, DSPy, and OpenAI's open-source evals.

use motjuste_convert::{Format, import};

use crate::desk::{Desk, cell, rows, scores, sent, tells};

fn first(row: &motjuste::task::Example) -> String {
    row.outputs[0].clone()
}

#[test]
fn transcripts_share_a_prompt_and_end_with_the_answer() {
    let line = |thing: &str, colour: &str| {
        format!(
            "{{\"messages\": [{{\"role\": \"system\", \"content\": \"Name the colour.\"}}, {{\"role\": \"user\", \"content\": \
             \"{thing}\"}}, {{\"role\": \"assistant\", \"content\": \"{colour}\"}}]}}\n"
        )
    };
    let text = line("banana", "yellow")
        + &line("tomato", "red")
        + &line("grass", "green")
        + "{\"messages\": [{\"role\": \"user\", \"content\": \"no answer\"}]}\n";
    let desk = Desk::with(&[("chat.jsonl", &text)]);
    let (imported, task) = desk.task(None, &["chat.jsonl"]);
    assert_eq!((imported.format, imported.rows), (Format::Messages, 3));
    assert_eq!(task.start().yours(), Some("Name the colour."));
    assert_eq!(sent(&task).matches("Name the colour.").count(), 1);
    assert_eq!(scores(&task, first), [Some(1.0); 3]);
    assert!(tells(&imported.notes.lost, "left out"));
}

#[test]
fn longer_transcripts_go_out_as_messages() {
    let line = |thing: &str| {
        format!(
            "{{\"messages\": [{{\"role\": \"user\", \"content\": \"hello\"}}, {{\"role\": \"assistant\", \"content\": \"hi\"}}, \
             {{\"role\": \"user\", \"content\": \"{thing}\"}}, {{\"role\": \"assistant\", \"content\": \"{thing}!\"}}]}}\n"
        )
    };
    let desk = Desk::with(&[("chat.jsonl", &(line("a") + &line("b") + &line("c")))]);
    let (_, task) = desk.task(Some(Format::Messages), &["chat.jsonl"]);
    let prompt = task.templates().prompt("Shout.", &task.dev()[0]).unwrap();
    assert_eq!(prompt.text().matches("hello").count(), 1, "{prompt:?}");
}

#[test]
fn rows_of_mlflow_have_inputs_and_expectations() {
    let line = |thing: &str, price: &str| {
        format!(
            "{{\"inputs\": {{\"thing\": \"{thing}\", \"shop\": \"mine\"}}, \"outputs\": \"blue\", \"expectations\": \
             {{\"expected_response\": {price}, \"guidelines\": \"short\"}}}}\n"
        )
    };
    let desk =
        Desk::with(&[("rows.jsonl", &(line("a", "1.5") + &line("b", "2") + &line("c", "3")))]);
    let (imported, task) = desk.task(None, &["rows.jsonl"]);
    assert_eq!((imported.format, &imported.metric[..]), (Format::Mlflow, "number"));
    assert_eq!(imported.inputs, ["shop", "thing"]);
    assert!(tells(&imported.notes.lost, "guidelines"));
    assert_eq!(scores(&task, |row| format!("It costs {}.", first(row))), [Some(1.0); 3]);
}

#[test]
fn items_of_langfuse_come_with_their_prompt() {
    let item = |thing: &str, colour: &str, status: &str| {
        format!(
            "{{\"id\": \"1\", \"status\": \"{status}\", \"input\": {{\"thing\": \"{thing}\"}}, \"expectedOutput\": \"{colour}\", \
             \"metadata\": {{\"source\": \"desk\"}}}}\n"
        )
    };
    let rows_ = item("banana", "yellow", "ACTIVE")
        + &item("tomato", "red", "ACTIVE")
        + &item("grass", "green", "ACTIVE")
        + &item("old", "grey", "ARCHIVED");
    let prompt = "{\"name\": \"p\", \"type\": \"chat\", \"prompt\": [{\"role\": \"system\", \"content\": \"Colour of {{thing}}?\"}]}";
    let desk = Desk::with(&[("items.jsonl", &rows_), ("prompt.json", prompt)]);
    let (imported, task) = desk.task(None, &["items.jsonl", "prompt.json"]);
    assert_eq!((imported.format, imported.rows), (Format::Langfuse, 3));
    assert_eq!(imported.inputs, ["thing"]);
    assert!(sent(&task).contains(&format!("Colour of {}?", cell(&task.dev()[0], "thing"))));
    assert_eq!(scores(&task, first), [Some(1.0); 3]);
}

#[test]
fn examples_of_dspy_come_with_the_instructions_of_a_program() {
    let rows_ = "[{\"question\": \"2+2\", \"hint\": \"x\", \"answer\": \"4\"}, {\"question\": \"2+3\", \"hint\": \"y\", \"answer\": \"5\"}, \
                 {\"question\": \"2+4\", \"hint\": \"z\", \"answer\": \"6\"}]";
    let program = "{\"solve.predict\": {\"demos\": [{}], \"signature\": {\"instructions\": \"Add.\", \"fields\": []}, \"lm\": null}, \
                   \"metadata\": {\"dependency_versions\": {}}}";
    let desk = Desk::with(&[("train.json", rows_), ("program.json", program)]);
    let (imported, task) = desk.task(Some(Format::Dspy), &["train.json", "program.json"]);
    assert_eq!(task.start().yours(), Some("Add."));
    assert_eq!(
        (imported.output.as_deref(), &imported.inputs[..]),
        (Some("answer"), &["hint".to_owned(), "question".to_owned()][..])
    );
    assert!(tells(&imported.notes.lost, "1 demonstrations"));
    assert_eq!(scores(&task, first), [Some(1.0); 3]);
}

#[test]
fn a_reasoning_of_dspy_is_no_input() {
    let rows_ = "[{\"question\": \"2+2\", \"reasoning\": \"It is 4.\", \"answer\": \"4\"}, {\"question\": \"2+3\", \"reasoning\": \
                 \"r\", \"answer\": \"5\"}, {\"question\": \"2+4\", \"reasoning\": \"r\", \"answer\": \"6\"}]";
    let desk = Desk::with(&[("train.json", rows_)]);
    let (imported, task) = desk.task(Some(Format::Dspy), &["train.json"]);
    assert_eq!(imported.inputs, ["question"]);
    assert!(tells(&imported.notes.lost, "`reasoning`") && !sent(&task).contains("r\n"));
}

#[test]
fn a_table_of_langfuse_has_texts_in_quotes() {
    let rows_ = "id,input,expectedOutput\n1,\"{\"\"a\"\": 1}\",\"\"\"x\"\"\"\n2,\"{\"\"a\"\": 2}\",y\n3,\"\"\"b\"\"\",z\n";
    let desk = Desk::with(&[("items.csv", rows_)]);
    let imported = desk.import(None, &["items.csv"]);
    assert_eq!(imported.format, Format::Langfuse);
    assert!(imported.files["rows.jsonl"].contains("\"expected_output\":\"x\""));
}

#[test]
fn expected_facts_of_mlflow_are_for_a_judge() {
    let line = |thing: &str| {
        format!(
            "{{\"inputs\": {{\"q\": \"{thing}\"}}, \"expectations\": {{\"expected_facts\": [\"red\", \"round\"]}}}}\n"
        )
    };
    let desk = Desk::with(&[("rows.jsonl", &(line("a") + &line("b") + &line("c")))]);
    let (imported, _) = desk.task(None, &["rows.jsonl"]);
    assert_eq!((&imported.metric[..], imported.output.as_deref()), ("judge", None));
    assert!(imported.files["rubric.txt"].contains("{{ expected_facts }}"));
    assert_eq!(imported.inputs, ["q"]);
}

#[test]
fn input_keys_say_what_is_input() {
    let line = |at: usize| {
        format!(
            "{{\"_store\": {{\"text\": \"t{at}\", \"mood\": \"m{at}\"}}, \"input_keys\": [\"text\"]}}\n"
        )
    };
    let desk = Desk::with(&[("d.jsonl", &(line(1) + &line(2) + &line(3)))]);
    let (imported, _) = desk.task(None, &["d.jsonl"]);
    assert_eq!((imported.format, &imported.inputs[..]), (Format::Dspy, &["text".to_owned()][..]));
    assert_eq!(imported.output.as_deref(), Some("mood"));
}

#[test]
fn the_open_source_evals_accept_every_ideal_answer() {
    let line = |thing: &str, ideal: &str| {
        format!(
            "{{\"input\": [{{\"role\": \"system\", \"content\": \"Colour?\"}}, {{\"role\": \"user\", \"content\": \"{thing}\"}}], \
             \"ideal\": {ideal}}}\n"
        )
    };
    let text = line("banana", "[\"yellow\", \"Yellow\"]")
        + &line("tomato", "\"red\"")
        + &line("grass", "\"green\"");
    let desk = Desk::with(&[("samples.jsonl", &text)]);
    let (imported, task) = desk.task(None, &["samples.jsonl"]);
    assert_eq!((imported.format, imported.rows), (Format::OpenaiEvals, 3));
    assert!(rows(&task).iter().any(|row| row.outputs == ["yellow", "Yellow"]));
    let metrics = imported.notes.carried.iter().filter(|told| told.starts_with("metric "));
    assert_eq!(
        metrics.collect::<Vec<_>>(),
        ["metric exact: an answer must equal one of the ideal answers"]
    );
    assert_eq!(scores(&task, |row| row.outputs.last().unwrap().clone()), [Some(1.0); 3]);
}

#[test]
fn what_cannot_be_read_is_told_with_what_to_do() {
    let desk = Desk::with(&[
        ("own.csv", "a,b\n1,2\n"),
        ("bad.jsonl", "{\"inputs\": 1}\n{\n"),
        ("few.jsonl", "{\"inputs\": {\"a\": 1}, \"expectations\": {\"b\": \"x\"}}\n"),
    ]);
    let fault = |name: &str| import(None, &[desk.path(name)]).unwrap_err();
    let unknown = fault("own.csv");
    assert!(unknown.help().unwrap().contains("promptfoo") && unknown.is_configuration());
    assert!(fault("bad.jsonl").to_string().contains("line"), "{}", fault("bad.jsonl"));
    assert!(fault("absent.jsonl").is_data());
    let empty = import(Some(Format::Langfuse), &[desk.path("own.csv")]).unwrap_err();
    assert!(empty.to_string().contains("no rows of Langfuse"), "{empty}");
    assert!(tells(&desk.import(None, &["few.jsonl"]).notes.lost, "too few"));
}
