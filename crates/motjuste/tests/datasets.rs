//! Loaders on small files of our own, and on the published ones where they are asked for.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use motjuste::metric::{Mode, Published};
use motjuste::task::dataset::{Dataset, load, published_split};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

fn inputs(dataset: &Dataset) -> Vec<&str> {
    dataset.scored.iter().chain(&dataset.test).map(|example| example.input.as_str()).collect()
}

#[test]
fn questions_are_worded_as_published() {
    let rows: String = (0..10).map(|i| format!("\"q\n{i}\",0,\"1,5\",2,3,B\n")).collect();
    let lines: String = (0..10)
        .map(|i| {
            format!("{{\"question\":\"q{i}\",\"options\":[\"A)1\",\"B)2\"],\"correct\":\"B\"}}\n")
        })
        .collect();
    let sums: Vec<String> =
        (0..10).map(|i| format!("{{\"sQuestion\":\" q{i} \",\"lSolutions\":[{i}.0]}}")).collect();
    let folder = folder(&[
        ("mmlu/x_test.csv", &rows),
        ("aqua/AQuA.jsonl", &lines),
        ("multiarith/MultiArith.json", &format!("[{}]", sums.join(","))),
    ]);
    let load = |name| load(folder.path(), name, Mode::Strict).unwrap();
    let mmlu = load("mmlu/x");
    assert_eq!((mmlu.scored.len(), mmlu.test.len(), mmlu.metric), (8, 2, Published::Choice));
    assert_eq!(
        mmlu.scored[0].input,
        "q\n1\n(A) 0\n(B) 1,5\n(C) 2\n(D) 3\nWhat's the answer in (A) (B) (C) (D)?"
    );
    let aqua = load("aqua");
    let worded = "q0\n(A)1\n(B)2\nWhat's the answer in (A) (B) (C) (D) (E)?";
    assert!(inputs(&aqua).contains(&worded));
    let multiarith = load("multiarith");
    assert!(inputs(&multiarith).contains(&"q7") && multiarith.metric == Published::Number);
}

#[test]
fn a_tab_separates_and_a_quotation_mark_does_not() {
    let folder = folder(&[
        ("gsm8k/gsm_train.tsv", &"say \"a\" and \"b\tc\"?\t5\tb'x'\n".repeat(40)),
        ("gsm8k/gsm_test.tsv", "one\t1\tb''\n"),
    ]);
    let gsm8k = load(folder.path(), "gsm8k", Mode::Compat).unwrap();
    assert_eq!((gsm8k.scored.len(), gsm8k.spare.len(), gsm8k.test.len()), (1, 39, 1));
    assert_eq!(gsm8k.scored[0].input, "say \"a\" and \"b");
    let strict = load(folder.path(), "gsm8k", Mode::Strict).unwrap();
    assert_eq!((strict.spare.len(), strict.unusable, strict.repeated), (0, 40, 0));
}

#[test]
fn strict_leaves_out_and_counts_what_cannot_be_scored() {
    let items: Vec<String> = (0..20)
        .map(|i| {
            let target = if i == 3 { "Monsters, Inc" } else { "(A)" };
            format!("{{\"input\":\"q{}\",\"target\":\"{target}\"}}", i.max(1))
        })
        .collect();
    let json = format!("{{\"canary\":\"c\",\"examples\":[{}]}}", items.join(","));
    let folder = folder(&[("bbh/ruin_names.json", &json)]);
    let load = |mode| load(folder.path(), "bbh/ruin_names", mode).unwrap();
    let (strict, compat) = (load(Mode::Strict), load(Mode::Compat));
    assert_eq!((strict.unusable, strict.repeated, inputs(&strict).len()), (1, 1, 18));
    assert_eq!((compat.unusable, compat.repeated, inputs(&compat).len()), (0, 0, 20));
    let task = strict.task(2).unwrap();
    assert_eq!((task.train().len(), task.name()), (2, "bbh-ruin_names"));
    assert!(compat.clone().task(0).unwrap().train().is_empty());
    assert!(compat.task(4).unwrap_err().is_data());
}

#[test]
fn instruction_induction_is_read_task_by_task() {
    let file = |items: &[&str]| {
        let items = items.iter().zip(1..).map(|(item, i)| format!("\"{i}\":{item}"));
        let items: Vec<_> = items.collect();
        format!("{{\"metadata\":{{\"num_examples\":0}},\"examples\":{{{}}}}}", items.join(","))
    };
    let rhymes = file(&[
        r#"{"input":"eat","output":"heat","other_rhymes":["heat","Eat"]}"#,
        r#"{"input":"top","output":"hop","other_rhymes":["top"]}"#,
        r#"{"input":"sky","output":"fly","other_rhymes":["fly"]}"#,
        r#"{"input":"cat","output":"hat","other_rhymes":["hat"]}"#,
    ]);
    let held_out = file(&[r#"{"input":"cat","output":"hat","other_rhymes":["hat"]}"#]);
    let concepts =
        file(&[r#"{"concept":"a","items":["x","y","z"],"all_common_concepts":["a","b"]}"#]);
    let causes = file(&[r#"{"cause":"C.","effect":"E."}"#]);
    let folder = folder(&[
        ("instruction_induction/induce/rhymes.json", &rhymes),
        ("instruction_induction/execute/rhymes.json", &held_out),
        ("instruction_induction/induce/common_concept.json", &concepts),
        ("instruction_induction/execute/common_concept.json", &concepts),
        ("instruction_induction/induce/cause_and_effect.json", &causes),
        ("instruction_induction/execute/cause_and_effect.json", &causes),
    ]);
    let load = |name: &str, mode| {
        load(folder.path(), &format!("instruction_induction/{name}"), mode).unwrap()
    };
    let strict = load("rhymes", Mode::Strict);
    assert_eq!((strict.spare.len() + strict.scored.len(), strict.unusable), (2, 1));
    assert!(strict.scored.iter().all(|e| !e.outputs.contains(&"Eat".to_owned())));
    assert_eq!(load("rhymes", Mode::Compat).scored.len(), 2);
    let concept = load("common_concept", Mode::Compat);
    assert_eq!((concept.test[0].input.as_str(), concept.metric), ("x, y", Published::F1));
    assert_eq!(concept.test[0].outputs, ["a", "b"]);
    let cause = load("cause_and_effect", Mode::Compat);
    let either = ["Sentence 1: C. Sentence 2: E.", "Sentence 1: E. Sentence 2: C."];
    assert!(either.contains(&cause.test[0].input.as_str()) && cause.test[0].outputs == ["C."]);
}

#[test]
fn unknown_names_and_missing_files_say_what_to_do() {
    let folder = folder(&[("bbh/bad.json", "{}")]);
    for name in ["gsm", "bbh/", "bbh/../x", "gsm8k/x"] {
        let error = load(folder.path(), name, Mode::Strict).unwrap_err();
        assert!(error.is_configuration() && error.help().unwrap().contains("bbh/TASK"), "{name}");
    }
    let missing = load(folder.path(), "bbh/navigate", Mode::Strict).unwrap_err();
    assert!(missing.is_data() && missing.to_string().contains("navigate.json"));
    assert!(load(folder.path(), "bbh/bad", Mode::Strict).unwrap_err().is_data());
}

/// Where the published files are, for the tests that are asked for by `--ignored`.
fn data() -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let data = std::env::var_os("MOTJUSTE_SHARED").map_or(default, PathBuf::from).join("data");
    assert!(data.exists(), "no data at {}: set MOTJUSTE_SHARED", data.display());
    data
}

fn names(folder: &Path, ending: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names = files.filter_map(|name| Some(name.to_str()?.strip_suffix(ending)?.to_owned()));
    names.collect()
}

#[test]
fn the_published_splits_come_out() {
    #[derive(serde::Deserialize)]
    struct Split {
        population: usize,
        indices: Vec<usize>,
    }
    let text = include_str!("golden/opro_splits.json");
    let splits: BTreeMap<String, Split> = serde_json::from_str(text).unwrap();
    assert_eq!(splits.len(), 5);
    for (name, split) in splits {
        let share = if name.contains("3.5pct") { 0.035 } else { 0.2 };
        assert_eq!(published_split(split.population, share, 0.0).train, split.indices, "{name}");
    }
}

#[test]
fn files_of_our_own_are_divided_by_the_published_shares() {
    let sum = |i: usize| format!("{i} and 1?\t{}\tb''\n", i + 1);
    let walks: Vec<String> =
        (0..178).map(|i| format!("{{\"input\":\"q{i}\",\"target\":\"(A)\"}}")).collect();
    let choices = |i: usize| format!("q{i},1,2,3,4,A\n");
    let puzzle = |i: usize| {
        format!("{{\"question\":\"q{i}\",\"options\":[\"A)1\",\"B)2\"],\"correct\":\"B\"}}\n")
    };
    let folder = folder(&[
        ("gsm8k/gsm_train.tsv", &(0..600).map(sum).collect::<String>()),
        ("gsm8k/gsm_test.tsv", &(600..620).map(sum).collect::<String>()),
        ("bbh/snarks.json", &format!("{{\"canary\":\"\",\"examples\":[{}]}}", walks.join(","))),
        ("mmlu/x_test.csv", &(0..100).map(choices).collect::<String>()),
        ("aqua/AQuA.jsonl", &(0..254).map(puzzle).collect::<String>()),
    ]);
    let sizes = |name| {
        let dataset = load(folder.path(), name, Mode::Strict).unwrap();
        (dataset.scored.len(), dataset.spare.len(), dataset.test.len())
    };
    assert_eq!(sizes("gsm8k"), (21, 579, 20));
    assert_eq!(sizes("bbh/snarks"), (35, 0, 143));
    assert_eq!(sizes("mmlu/x"), (80, 0, 20));
    assert_eq!(sizes("aqua"), (50, 0, 204));
}

#[test]
fn every_shape_of_instruction_induction_makes_a_task() {
    // One row of our own for each shape: every other task has `input` and `output`.
    let row = |task: &str, i: usize| match task {
        "cause_and_effect" => format!("{{\"cause\":\"It rained {i}.\",\"effect\":\"Wet {i}.\"}}"),
        "common_concept" => {
            format!("{{\"items\":[\"a{i}\",\"b{i}\",\"c\"],\"all_common_concepts\":[\"letters\"]}}")
        }
        "rhymes" => format!("{{\"input\":\"at{i}\",\"other_rhymes\":[\"hat\",\"at{i}\"]}}"),
        "translation_en-fr" => {
            format!("{{\"input\":\"cat {i}\",\"possible_translations\":[\"chat {i}\"]}}")
        }
        _ => format!("{{\"input\":\"{i}\",\"output\":\"{i}\"}}"),
    };
    for name in ["cause_and_effect", "common_concept", "rhymes", "translation_en-fr", "negation"] {
        let file = |rows: std::ops::Range<usize>| {
            let rows: Vec<String> = rows.map(|i| format!("\"{i}\":{}", row(name, i))).collect();
            format!("{{\"examples\":{{{}}}}}", rows.join(","))
        };
        let folder = folder(&[
            (&format!("instruction_induction/induce/{name}.json"), &file(0..250)),
            (&format!("instruction_induction/execute/{name}.json"), &file(250..260)),
        ]);
        makes_a_task(folder.path(), name);
    }
}

/// All of its items are usable; a hundred at most are demonstrations.
fn makes_a_task(data: &Path, name: &str) {
    let dataset = load(data, &format!("instruction_induction/{name}"), Mode::Strict).unwrap();
    assert_eq!(dataset.unusable, 0, "{name}");
    let task = dataset.task(0).unwrap();
    assert!(!task.train().is_empty() && task.train().len() <= 100, "{}", task.name());
    assert!(!task.dev().is_empty() && !task.test().is_empty(), "{}", task.name());
}

#[test]
#[ignore = "needs the published data; set MOTJUSTE_SHARED"]
fn the_published_files_have_their_published_sizes() {
    let data = data();
    let load = |name: &str, mode| load(&data, name, mode).unwrap();
    let gsm8k = load("gsm8k", Mode::Strict);
    assert_eq!((gsm8k.scored.len(), gsm8k.spare.len(), gsm8k.test.len()), (261, 7212, 1319));
    assert_eq!(inputs(&load("aqua", Mode::Compat)).len(), 254);
    let mut unusable = BTreeMap::new();
    for task in names(&data.join("bbh"), ".json") {
        let expected = match task.as_str() {
            "causal_judgement" => 187,
            "penguins_in_a_table" => 146,
            "snarks" => 178,
            _ => 250,
        };
        assert_eq!(inputs(&load(&format!("bbh/{task}"), Mode::Compat)).len(), expected, "{task}");
        let strict = load(&format!("bbh/{task}"), Mode::Strict);
        if strict.unusable > 0 {
            unusable.insert(task, strict.unusable);
        }
        strict.task(5).unwrap();
    }
    let expected = [("movie_recommendation".to_owned(), 1), ("ruin_names".to_owned(), 2)];
    assert_eq!(unusable, expected.into());
    let subjects = names(&data.join("mmlu"), "_test.csv");
    let sizes =
        subjects.iter().map(|name| inputs(&load(&format!("mmlu/{name}"), Mode::Compat)).len());
    assert_eq!((subjects.len(), sizes.sum::<usize>()), (57, 14_042));
}

#[test]
#[ignore = "needs the published data; set MOTJUSTE_SHARED"]
fn every_published_task_of_instruction_induction_makes_a_task() {
    let data = data();
    let tasks = names(&data.join("instruction_induction/induce"), ".json");
    assert_eq!(tasks.len(), 32);
    for task in tasks {
        makes_a_task(&data, &task);
    }
}
