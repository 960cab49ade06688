//! Every wrong request gets a message that says what to do next, and its own exit code.

use crate::scratch::{SMALL, Scratch, task_file};

#[test]
fn a_wrong_task_file_is_refused_with_its_place() {
    let scratch = Scratch::new();
    scratch.write("key.toml", task_file().replace("metric", "metrc"));
    scratch.refused(2, &["run", "key.toml"], &["metrc", "line 2", "help:"]);
    scratch.write("metric.toml", task_file().replace("exact_match", "bleu"));
    scratch.refused(2, &["run", "metric.toml"], &["bleu", "rouge_l"]);
    scratch.refused(4, &["run", "absent.toml"], &["absent.toml", "help:"]);
}

#[test]
fn wrong_data_is_refused_with_file_and_line() {
    let scratch = Scratch::new();
    let task = "name = \"t\"\nmetric = \"exact_match\"\n[data]\nexamples = \"rows.jsonl\"\n";
    scratch.write("t.toml", task);
    scratch.refused(4, &["run", "t.toml"], &["rows.jsonl", "relative to the task file"]);
    scratch.write("rows.jsonl", "{\"input\": \"a\", \"output\": \"b\"}\n{\"input\": }\n");
    scratch.refused(4, &["run", "t.toml"], &["rows.jsonl, line 2", "help:"]);
}

#[test]
fn a_model_without_its_provider_is_asked_back_before_anything_else() {
    let scratch = Scratch::new();
    scratch.write("own.toml", task_file().replace("first_letter", "my_tickets"));
    for (target, meant) in [
        ("gpt-4.1-mini", "did you mean openai/gpt-4.1-mini?"),
        ("claude-sonnet-4-5", "did you mean anthropic/claude-sonnet-4-5?"),
    ] {
        let given = ["run", "own.toml", "--target", target, "--yes"];
        scratch.refused(2, &given, &["unknown model", meant]);
    }
    scratch.refused(2, &["run", "own.toml", "--yes"], &["embedded generator", "--target openai/"]);
}

#[test]
fn files_that_are_no_task_are_answered_with_the_command_that_makes_one() {
    let scratch = Scratch::new();
    scratch.write("rows.csv", "input,output\na,b\n");
    scratch.refused(2, &["run", "rows.csv"], &["motjuste init --data rows.csv"]);
    scratch.write("c.yaml", "prompts: [x]\n");
    scratch.refused(2, &["run", "c.yaml"], &["motjuste import promptfoo c.yaml"]);
    scratch.refused(4, &["run", "none.toml"], &["motjuste init"]);
}

#[test]
fn an_empty_split_and_a_leak_are_refused() {
    let scratch = Scratch::new();
    let rows = |dev: &str, test: &str| {
        format!(
            "name = \"t\"\nmetric = \"f1\"\n[data]\n\
             train = [{{ input = \"a\", output = \"x\" }}]\ndev = [{dev}]\ntest = [{test}]\n"
        )
    };
    let row = "{ input = \"b\", output = \"x\" }";
    scratch.write("empty.toml", rows("", row));
    scratch.refused(4, &["run", "empty.toml"], &["dev split", "empty"]);
    scratch.write("leak.toml", rows(row, row));
    scratch.refused(4, &["run", "leak.toml"], &["\"b\"", "dev example 1", "test example 1"]);
}

#[test]
fn an_unknown_model_method_or_setting_is_answered_with_the_known_ones() {
    let scratch = Scratch::new();
    scratch.refused(2, &["run", "task.toml", "--target", "gpt-9"], &["gpt-9", "embedded"]);
    scratch.refused(2, &["run", "task.toml", "--method", "magic"], &["magic", "instructzero"]);
    scratch.refused(
        2,
        &["run", "task.toml", "--set", "pool.sice=4"],
        &["pool.sice", "size = 1000"],
    );
    scratch.refused(2, &["run", "task.toml", "--compat"], &["instructzero"]);
}

#[test]
fn a_budget_below_one_evaluation_is_refused() {
    let scratch = Scratch::new();
    let poor = ["run", "task.toml", "--budget-target-calls", "5"];
    let unraced = [&poor[..], &["--method", "motjuste-unraced"]].concat();
    scratch.refused(2, &unraced, &["does not cover one evaluation", "6 target calls"]);
    let raced = ["run", "task.toml", "--budget-target-calls", "3"];
    scratch.refused(2, &raced, &["does not cover one evaluation", "4 target calls"]);
}

#[test]
fn an_unwritable_folder_is_refused_before_anything_is_spent() {
    let scratch = Scratch::new();
    scratch.write("file", "");
    scratch.refused(7, &["run", "task.toml", "--out", "file/out"], &["file/out", "--out"]);
    assert!(scratch.motjuste(&["trials"]).stdout.is_empty());
}

#[test]
fn a_store_that_cannot_be_used_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    scratch.write("store", "this is not a database, and long enough to be sure of it");
    scratch.refused(6, &["run", "task.toml", "--store", "store"], &["store", "help:"]);
    assert!(scratch.read("store").starts_with("this is not"));
    scratch.write("file", "");
    scratch.refused(
        6,
        &["run", "task.toml", "--store", "file/store"],
        &["cannot create the folder", "--store"],
    );
}

#[test]
fn a_truncated_store_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    scratch.expect(0, SMALL);
    let store = scratch.path(".motjuste/store.sqlite");
    let bytes = std::fs::read(&store).unwrap();
    std::fs::write(&store, &bytes[..bytes.len() / 2]).unwrap();
    scratch.refused(6, SMALL, &["help:"]);
    assert_eq!(std::fs::read(&store).unwrap(), &bytes[..bytes.len() / 2]);
}

#[test]
fn asking_an_absent_store_says_how_to_make_one() {
    let scratch = Scratch::new();
    scratch.refused(6, &["best"], &["a run makes one", "--store"]);
    scratch.expect(0, SMALL);
    scratch.refused(2, &["best", "nothing"], &["motjuste show"]);
}

#[test]
fn errors_are_json_on_request() {
    let scratch = Scratch::new();
    let output = scratch.motjuste(&["run", "absent.toml", "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(said["error"].as_str().unwrap().contains("absent.toml") && said["help"].is_string());
}
