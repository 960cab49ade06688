//! Files as people have them: every kind is read, or refused with the way out.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::PathBuf;

use motjuste::Result;
use motjuste::model::{Message, Prompt};
use motjuste::task::{Task, load};

/// The task of a task file beside these files.
fn task(file: &str, data: &[(&str, &[u8])]) -> Result<Task> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in data {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let path: PathBuf = folder.path().join("task.toml");
    std::fs::write(&path, format!("name = \"t\"\nmetric = \"exact_match\"\n{file}")).unwrap();
    load(&path)
}

/// The rows of one file, whatever split they came to, by input.
fn rows(options: &str, name: &str, content: &[u8]) -> Result<Vec<(String, Vec<String>)>> {
    let task = task(&format!("[data]\nexamples = \"{name}\"\n{options}"), &[(name, content)])?;
    let all = task.train().iter().chain(task.dev()).chain(task.test());
    let mut rows: Vec<_> = all.map(|row| (row.input.clone(), row.outputs.clone())).collect();
    rows.sort();
    Ok(rows)
}

fn first(options: &str, name: &str, content: &[u8]) -> (String, String) {
    let (input, outputs) = rows(options, name, content).unwrap().remove(0);
    (input, outputs.join(" | "))
}

fn refusal(options: &str, name: &str, content: &[u8]) -> String {
    let error = rows(options, name, content).unwrap_err();
    format!("{error} / {}", error.help().unwrap_or_default())
}

fn lines(line: &str) -> String {
    (0..4).map(|n| line.replace("N", &n.to_string()) + "\n").collect()
}

#[test]
fn tables_of_every_office_are_read() {
    let semicolons = format!("input;output\r\n{}", lines("größe N;1,5\r"));
    assert_eq!(first("", "a.csv", semicolons.as_bytes()), ("größe 0".into(), "1,5".into()));
    let latin: Vec<u8> = b"input,output\ncaf\xE9 0,a\nb,b\nc,c\n".to_vec();
    let named = first("encoding = \"windows-1252\"", "a.csv", &latin);
    assert_eq!(named.0, "b");
    assert!(refusal("", "a.csv", &latin).contains("windows-1252"));
    let unicode = format!("\u{feff}input\toutput\n{}", lines("x N\ty"));
    let utf16: Vec<u8> = unicode.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(first("", "a.txt", &utf16), ("x 0".into(), "y".into()));
    let pipes = format!("input#output\n{}", lines("x N#y"));
    assert_eq!(first("delimiter = \"#\"", "a.csv", pipes.as_bytes()).1, "y");
}

#[test]
fn json_of_every_shape_is_read() {
    let bom = format!("\u{feff}{}", lines(r#"{"input": "x N", "output": "y"}"#));
    assert_eq!(first("", "a.jsonl", bom.as_bytes()), ("x 0".into(), "y".into()));
    let nested = lines(r#"{"inputs": {"q": "x N", "k": 1}, "expected": {"answer": "y"}}"#);
    let options = "input = \"inputs.q\"\noutput = \"expected.answer\"";
    assert_eq!(first(options, "a.jsonl", nested.as_bytes()), ("x 0".into(), "y".into()));
    let options = "input = \"inputs\"\noutput = \"expected\"";
    assert_eq!(first(options, "a.jsonl", nested.as_bytes()), ("k: 1\nq: x 0".into(), "y".into()));
    let any = lines(r#"{"input": "x N", "output": {"any": ["y", 2]}}"#);
    assert_eq!(first("", "a.jsonl", any.as_bytes()).1, "y | 2");
    let all = lines(r#"{"input": "x N", "output": {"all": ["y", "z"]}}"#);
    assert_eq!(first("", "a.jsonl", all.as_bytes()).1, r#"["y","z"]"#);
    let several = lines(r#"{"q": "x N", "a": "1", "output": "y"}"#);
    let options = "input = [\"q\", \"a\"]";
    assert_eq!(first(options, "a.jsonl", several.as_bytes()).0, "q: x 0\na: 1");
}

#[test]
fn rows_without_a_label_are_the_same_in_every_format() {
    let table = "input,output\na,1\nb,\nc,3\nd,4\n";
    let json = "{\"input\":\"a\",\"output\":\"1\"}\n{\"input\":\"b\",\"output\":null}\n\
                {\"input\":\"c\",\"output\":\"3\"}\n{\"input\":\"d\",\"output\":\"4\"}\n";
    let without = json.replace(",\"output\":null", "");
    for (name, content, place) in
        [("a.csv", table, "line 3"), ("a.jsonl", json, "line 2"), ("a.jsonl", &without, "line 2")]
    {
        let told = refusal("", name, content.as_bytes());
        assert!(told.contains("1 of 4 rows") && told.contains(place), "{told}");
        let kept = rows("unlabelled = \"drop\"", name, content.as_bytes()).unwrap();
        assert_eq!(kept.len(), 3);
    }
}

#[test]
fn what_cannot_be_read_is_told_with_the_way_out() {
    assert!(refusal("", "a.xlsx", b"PK\x03\x04 and so on").contains("save the sheet as CSV"));
    let columns = lines(r#"{"item": {"ticket": "x N", "queue": "y"}}"#);
    let told = refusal("output = \"queue\"", "a.jsonl", columns.as_bytes());
    assert!(told.contains("\"item.queue\", \"item.ticket\""), "{told}");
    let promptfoo = "ticket,__expected\na,contains: b\n";
    assert!(refusal("input = \"ticket\"", "a.csv", promptfoo.as_bytes()).contains("promptfoo"));
}

#[test]
fn an_input_in_two_splits_is_refused_or_dropped_and_counted() {
    let (tr, de, te) = (
        "{\"input\":\"a\",\"output\":\"1\"}\n{\"input\":\"t\",\"output\":\"1\"}\n",
        "{\"input\":\"a\",\"output\":\"1\"}\n",
        "{\"input\":\"c\",\"output\":\"1\"}\n",
    );
    let data: [(&str, &[u8]); 3] =
        [("tr.jsonl", tr.as_bytes()), ("de.jsonl", de.as_bytes()), ("te.jsonl", te.as_bytes())];
    let splits = "[data]\ntrain = \"tr.jsonl\"\ndev = \"de.jsonl\"\ntest = \"te.jsonl\"\n";
    assert!(task(splits, &data).unwrap_err().help().unwrap().contains("duplicates"));
    let tidy = task(&format!("{splits}duplicates = \"drop\""), &data).unwrap();
    assert_eq!((tidy.train().len(), tidy.dev().len()), (1, 1));
    assert!(tidy.notes()[0].starts_with("1 row whose"), "{:?}", tidy.notes());
}

#[test]
fn a_prompt_names_columns_and_goes_out_as_messages() {
    let data = lines(r#"{"ticket": "x N", "locale": "en", "queue": "y"}"#);
    let file = "[data]\nexamples = \"a.jsonl\"\noutput = \"queue\"\n[prompt]\nsystem = \"{{ instruction }}\"\n\
                user = \"[{{ locale }}] {{ticket}} {{item.x}}\"\n";
    let task = task(file, &[("a.jsonl", data.as_bytes())]).unwrap();
    let row = &task.dev()[0];
    let Prompt::Messages(messages) = task.templates().prompt("Be brief.", row).unwrap() else {
        panic!()
    };
    let ticket = row.columns["ticket"].as_str().unwrap();
    assert_eq!(
        messages,
        [Message::system("Be brief."), Message::user(format!("[en] {ticket} {{{{item.x}}}}")),]
    );
    assert_eq!(row.input, format!("locale: en\nticket: {ticket}"));
    assert!(task.notes().iter().any(|it| it.contains("{{ item.x }}")), "{:?}", task.notes());
    let told = task.with_start(["Sort {ticket} of ${locale} for {company}."]).unwrap();
    let foreign: Vec<&String> =
        told.notes().iter().filter(|it| it.contains("would show")).collect();
    assert_eq!(foreign.len(), 2, "{foreign:?}");
    assert!(foreign[0].contains("{{ ticket }} would show the column"), "{foreign:?}");
}

#[test]
fn a_prompt_that_cannot_work_is_refused() {
    let data = lines(r#"{"input": "x N", "output": "y"}"#);
    let with = |prompt: &str| {
        let file = format!("[data]\nexamples = \"a.jsonl\"\n[prompt]\n{prompt}\n");
        task(&file, &[("a.jsonl", data.as_bytes())]).unwrap_err().to_string()
    };
    assert!(with("user = \"{{ input }}\"").contains("no place for the instruction"));
    assert!(with("user = \"{{ instruction }} {{ output }}\"").contains("expected output"));
    assert!(with("system = \"absent.txt\"").contains("cannot read"));
    let follow = "user = \"{{ instruction }}\"".replace("user", "[templates]\nfollow");
    let shown = follow.replace("}}", "}} {{ output }}").replace("[prompt]", "");
    assert!(with(&shown).contains("expected output"));
}

#[test]
fn conversations_are_inputs() {
    let chat = lines(
        r#"{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "x N"}, {"role": "assistant", "content": "y"}]}"#,
    );
    let file = "[data]\nexamples = \"a.jsonl\"\ninput = \"messages\"\noutput = \"messages\"\n";
    let task = task(file, &[("a.jsonl", chat.as_bytes())]).unwrap();
    let row = &task.dev()[0];
    assert_eq!(row.outputs, ["y"]);
    let Prompt::Messages(messages) = task.templates().prompt("Be brief.", row).unwrap() else {
        panic!()
    };
    assert_eq!(messages[0], Message::system("Be brief.\n\nS"));
    assert_eq!(messages.len(), 2);
}

#[test]
fn a_start_is_the_system_message_or_the_whole_prompt() {
    let data = lines(r#"{"ticket": "x N", "output": "y"}"#);
    let with = |start: &str| {
        let file =
            format!("start = {start:?}\n[data]\nexamples = \"a.jsonl\"\ninput = \"ticket\"\n");
        task(&file, &[("a.jsonl", data.as_bytes())]).unwrap()
    };
    let said = |task: &Task| {
        let yours = task.start().yours().unwrap();
        match task.templates().prompt(yours, &task.dev()[0]).unwrap() {
            Prompt::Messages(messages) => messages,
            Prompt::Text(_) => panic!(),
        }
    };
    let system = with("Name the queue of {desk}.");
    let ticket = &system.dev()[0].input;
    assert_eq!(said(&system)[0], Message::system("Name the queue of {desk}."));
    assert_eq!(said(&system)[1], Message::user(ticket));
    let whole = with("Safe. [[edit]]Name it: {{ ticket }}[[/edit]] End {{x}}.");
    let ticket = &whole.dev()[0].input;
    assert_eq!(said(&whole), [Message::user(format!("Safe. Name it: {ticket} End {{{{x}}}}."))]);
    assert_eq!(whole.start().broken_placeholder("Name it."), Some("{{ ticket }}".to_owned()));
}

#[test]
fn a_start_that_is_given_later_takes_the_place_of_the_first_and_shows_no_output() {
    let data = lines(r#"{"ticket": "x N", "input": "another column", "answer": {"queue": "y"}}"#);
    let file = "start = \"Sort: {{ ticket }}\"\n[data]\nexamples = \"a.jsonl\"\ninput = \"ticket\"\n\
                output = \"answer.queue\"\n";
    let whole = task(file, &[("a.jsonl", data.as_bytes())]).unwrap();
    let later = whole.clone().with_start(["Sort it."]).unwrap();
    let row = &later.dev()[0];
    let prompt = later.templates().prompt("Sort it.", row).unwrap();
    assert_eq!(prompt, vec![Message::system("Sort it."), Message::user(&row.input)].into());
    for leak in ["It is {{ answer.queue }}", "It is {{ answer }}"] {
        let error = whole.clone().with_start([leak]).unwrap_err();
        assert!(error.to_string().contains("expected output"), "{error}");
    }
}

/// Six rows with text, a struct, a list and a boolean, written by pyarrow with each compression.
#[cfg(feature = "parquet")]
#[test]
fn parquet_files_are_read_with_nested_columns() {
    let options = "input = [\"question\", \"meta.n\"]\noutput = \"answers\"";
    for (name, file) in [
        ("snappy", include_bytes!("parquet/snappy.parquet").as_slice()),
        ("zstd", include_bytes!("parquet/zstd.parquet")),
        ("gzip", include_bytes!("parquet/gzip.parquet")),
        ("lz4", include_bytes!("parquet/lz4.parquet")),
    ] {
        let (input, outputs) = first(options, "a.parquet", file);
        assert_eq!(input, "question: größe 0?\nmeta.n: 0", "{name}");
        assert_eq!(outputs, "a0 | b", "{name}");
    }
}

#[cfg(feature = "parquet")]
#[test]
fn a_parquet_file_that_is_cut_short_is_refused() {
    let whole = include_bytes!("parquet/snappy.parquet");
    for length in [4, 8, whole.len() / 2, whole.len() - 1] {
        let told = refusal("", "a.parquet", &whole[..length]);
        assert!(told.contains("a.parquet cannot be read as Parquet"), "{told}");
    }
}
