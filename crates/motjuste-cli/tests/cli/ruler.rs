//! Response matrices, and methods on them.

use crate::contracts::lines_conform;
use crate::scratch::Scratch;

const POOL: &str = "{\"instruction\": \"write the first letter of the word.\", \"source\": \"people\"}\n\
                    {\"instruction\": \"write the last letter of the word.\", \"source\": \"people\"}\n\
                    {\"instruction\": \"say anything.\"}\n\
                    {\"instruction\": \"say anything.\"}\n";

const MATRIX: &[&str] =
    &["matrix", "task.toml", "--instructions", "pool.jsonl", "--out", "small.parquet", "--json"];

const REPLAY: &[&str] = &[
    "replay",
    "task.toml",
    "--matrix",
    "small.parquet",
    "--methods",
    "motjuste,random-pick",
    "--variant",
    "uniform batch=2",
    "--seeds",
    "3",
    "--target-calls",
    "10,30",
];

#[test]
fn a_pool_is_scored_once_and_methods_run_on_it_for_nothing() {
    let scratch = Scratch::new();
    scratch.write("pool.jsonl", POOL);
    let first = [MATRIX, &["--first", "2"]].concat();
    let said = scratch.expect(0, &first);
    assert_eq!(lines_conform("matrix", &said), 1);
    assert!(said.contains("\"instructions\":2") && said.contains("\"rows\":14"), "{said}");
    // The file grows by what it lacks; an instruction that stands twice is one.
    let said = scratch.expect(0, MATRIX);
    assert!(said.contains("\"instructions\":3"), "{said}");
    // What it has stays, whatever is asked for.
    let said = scratch.expect(0, &first);
    assert!(said.contains("\"instructions\":3"), "{said}");
    let table = scratch.expect(0, REPLAY);
    for word in ["at 10", "at 30", "motjuste", "random-pick", "uniform batch=2", "calls to 95 %"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    let json = scratch.expect(0, &[REPLAY, &["--json"]].concat());
    assert_eq!(lines_conform("replay", &json), 1);
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read["studies"].as_array().unwrap().len(), 9);
    // The same seeds give the same studies.
    assert_eq!(scratch.expect(0, &[REPLAY, &["--json"]].concat()), json);
}

#[test]
fn that_a_writer_is_simulated_is_told() {
    let scratch = Scratch::new();
    scratch.write("pool.jsonl", POOL);
    scratch.expect(0, MATRIX);
    let told = |methods: &str| {
        let few = ["--methods", methods, "--seeds", "1", "--target-calls", "30"];
        let output = scratch.motjuste(&[&REPLAY[..4], &few].concat());
        assert_eq!(output.status.code(), Some(0), "{methods}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(!told("uniform").contains("simulated"));
    assert!(told("best-of-n").contains("the writer is simulated"));
    assert!(told("uniform,best-of-n").contains("compare them with each other"));
}

#[test]
fn what_is_no_matrix_and_a_matrix_of_something_else_are_refused() {
    let scratch = Scratch::new();
    scratch.write("small.parquet", "no matrix");
    scratch.refused(4, REPLAY, &["small.parquet is no response matrix"]);
    scratch.refused(4, MATRIX, &["pool.jsonl"]);
    scratch.write("pool.jsonl", "\n");
    scratch.refused(4, MATRIX, &["holds no instruction"]);
    scratch.write("pool.jsonl", "{\"instructions\": 1}\n");
    scratch.refused(4, MATRIX, &["line 1", "instruction"]);
    scratch.write("pool.jsonl", POOL);
    std::fs::remove_file(scratch.path("small.parquet")).unwrap();
    scratch.expect(0, MATRIX);
    let other = crate::scratch::task_file().replace("tiger", "otter");
    scratch.write("task.toml", other);
    scratch.refused(4, REPLAY, &["other rows"]);
    scratch.refused(4, MATRIX, &["with other rows"]);
    scratch.refused(2, &[&REPLAY[..5], &["no-such"]].concat(), &["no-such"]);
    let nowhere = [&MATRIX[..4], &["--out", "pool.jsonl/small.parquet"]].concat();
    scratch.refused(7, &nowhere, &["cannot write"]);
}
