//! A damaged model is refused in a moment, in little memory, and in plain words.

use std::process::Output;

use serde_json::{Value, json};

use crate::scratch::Scratch;

/// What `doctor` says of a model as the target, in an address space of three gigabytes where there is a
/// limit.
fn doctor(scratch: &Scratch, model: &str) -> Output {
    let arguments = ["doctor", "--generator", "embedded", "--target", model];
    let command = scratch.command(&arguments);
    let program = format!("ulimit -v 3000000; exec \"$0\" {}", arguments.join(" "));
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", &program]).arg(command.get_program());
    let mut limited = if cfg!(unix) { limited } else { command };
    limited.current_dir(scratch.path("")).env("RUST_BACKTRACE", "1").output().unwrap()
}

fn refused(scratch: &Scratch, model: &str, word: &str) {
    let output = doctor(scratch, model);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert_eq!(output.status.code(), Some(5), "{word}: {said}");
    assert!(said.contains(word), "{word}: {said}");
    for trace in ["backtrace", "0:", "rust_begin_unwind", "panicked"] {
        assert!(!said.contains(trace), "{word}: {said}");
    }
}

/// A folder with the small embedded model, and its configuration.
fn exported(scratch: &Scratch) -> Value {
    scratch.expect(0, &["models", "export", "m", "--model", "embedded-pairs"]);
    scratch.json("m/config.json")
}

#[test]
fn sizes_that_no_model_has_are_refused_before_room_is_made_for_them() {
    let scratch = Scratch::new();
    let config = exported(&scratch);
    assert_eq!(doctor(&scratch, "m").status.code(), Some(0));
    let huge = 1_000_000_000_000_000_u64;
    for (key, value) in [
        ("num_hidden_layers", json!(1_000_000_000)),
        ("num_hidden_layers", json!(0)),
        ("num_hidden_layers", json!(4000)),
        ("max_position_embeddings", json!(huge)),
        ("max_position_embeddings", json!(4_294_967_295_u64)),
        ("max_position_embeddings", json!(0)),
        ("vocab_size", json!(huge)),
        ("hidden_size", json!(huge)),
        ("hidden_size", json!(0)),
        ("intermediate_size", json!(huge)),
        ("num_attention_heads", json!(0)),
        ("num_attention_heads", json!(huge)),
        ("num_key_value_heads", json!(0)),
        ("head_dim", json!(huge)),
        ("rope_theta", json!(0.0)),
        ("rope_theta", json!(-1e4)),
        ("rms_norm_eps", json!(-1.0)),
        ("rope_scaling", json!({ "rope_type": "linear", "factor": 0.0 })),
        ("rope_scaling", json!({ "rope_type": "yarn", "factor": -2.0 })),
        (
            "rope_scaling",
            json!({ "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                "high_freq_factor": 1.0, "original_max_position_embeddings": 0 }),
        ),
    ] {
        let mut damaged = config.clone();
        damaged.as_object_mut().unwrap().remove("rope_parameters");
        damaged[key] = value.clone();
        scratch.write("m/config.json", damaged.to_string());
        println!("{key} = {value}");
        let word = if value == json!(4000) { "no layer 3999" } else { "config.json" };
        refused(&scratch, "m", word);
    }
}

#[test]
fn weights_that_are_no_numbers_are_noticed_by_a_check_and_by_a_run() {
    let scratch = Scratch::new();
    exported(&scratch);
    let path = scratch.path("m/model.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for weight in bytes[header..].chunks_exact_mut(4) {
        weight.copy_from_slice(&f32::NAN.to_le_bytes());
    }
    std::fs::write(&path, bytes).unwrap();
    refused(&scratch, "m", "no finite numbers");
    let run = ["run", "task.toml", "--generator", "embedded", "--target", "m"];
    scratch.refused(5, &run, &["no finite numbers", "download the model again"]);
}

#[test]
fn numbers_of_a_gguf_file_are_held_against_the_file() {
    let scratch = Scratch::new();
    scratch.expect(0, &["models", "export", "m.gguf"]);
    let whole = std::fs::read(scratch.path("m.gguf")).unwrap();
    assert_eq!(doctor(&scratch, "m.gguf").status.code(), Some(0));
    let damage = |key: &str, value: u32| {
        let at = whole.windows(key.len()).position(|found| found == key.as_bytes()).unwrap();
        // Behind the key: the type of the value, which is a whole number of four bytes.
        let place = at + key.len() + 4;
        let mut damaged = whole.clone();
        damaged[place..place + 4].copy_from_slice(&value.to_le_bytes());
        scratch.write("damaged.gguf", damaged);
    };
    for (key, word) in [
        ("llama.block_count", "block_count"),
        ("llama.context_length", "max_position_embeddings"),
        ("llama.embedding_length", "hidden_size"),
        ("llama.feed_forward_length", "intermediate_size"),
        ("llama.attention.head_count", "heads"),
    ] {
        for value in [u32::MAX, 0] {
            damage(key, value);
            println!("{key} = {value}");
            let word = if (word, value) == ("block_count", 0) { "num_hidden_layers" } else { word };
            refused(&scratch, "damaged.gguf", word);
        }
    }
    scratch.write("damaged.gguf", &whole[..whole.len() - 4096]);
    refused(&scratch, "damaged.gguf", "beyond the file's");
    scratch.write("damaged.gguf", &whole[..1000]);
    refused(&scratch, "damaged.gguf", "cannot be read as GGUF");
}
