//! What a model folder may look like, and what is said when it does not.

use std::fs;
use std::path::Path;

use motjuste_lm::{LoadOptions, OpenModel};

use crate::support::fixture;

fn refusal(folder: &Path) -> motjuste::Error {
    OpenModel::from_folder(folder, &LoadOptions::default()).err().unwrap()
}

fn copy_tiny(folder: &Path, names: &[&str]) {
    for name in names {
        fs::copy(fixture("tiny-llama").join(name), folder.join(name)).unwrap();
    }
}

const FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in FILES {
        assert!(refusal(folder.path()).to_string().contains(name));
        copy_tiny(folder.path(), &[name]);
    }
    assert!(OpenModel::from_folder(folder.path(), &LoadOptions::default()).is_ok());
}

#[test]
fn a_tensor_of_another_shape_is_named() {
    let folder = tempfile::tempdir().unwrap();
    copy_tiny(folder.path(), &FILES);
    let config = fs::read_to_string(fixture("tiny-llama/config.json")).unwrap();
    let with = |from: &str, to: &str| {
        fs::write(folder.path().join("config.json"), config.replace(from, to)).unwrap();
        refusal(folder.path()).to_string()
    };
    let wider = with("\"hidden_size\": 24", "\"hidden_size\": 32");
    assert!(wider.contains("has shape [28, 24], but config.json implies [28, 32]"), "{wider}");
    let deeper = with("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
    assert!(deeper.contains("no layer 2"), "{deeper}");
}

#[test]
fn a_tokenizer_of_another_kind_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    copy_tiny(folder.path(), &["config.json", "model.safetensors"]);
    fs::write(folder.path().join("tokenizer.model"), b"").unwrap();
    let error = refusal(folder.path());
    assert!(error.to_string().contains("no tokenizer.json"), "{error}");
    assert!(error.help().unwrap().contains("save_pretrained"));
}

#[test]
fn weights_that_are_cut_short_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    copy_tiny(folder.path(), &FILES);
    let weights = folder.path().join("model.safetensors");
    let bytes = fs::read(&weights).unwrap();
    for (length, message) in
        [(bytes.len() - 7, "bytes where its header says"), (3, "read"), (64, "header")]
    {
        fs::write(&weights, &bytes[..length]).unwrap();
        let error = refusal(folder.path());
        assert!(error.is_model() && error.to_string().contains(message), "{error}");
    }
}

#[test]
fn an_index_names_files_beside_it_only() {
    let folder = tempfile::tempdir().unwrap();
    copy_tiny(folder.path(), &FILES);
    let index = folder.path().join("model.safetensors.index.json");
    fs::write(&index, r#"{"weight_map": {"model.norm.weight": "../model.safetensors"}}"#).unwrap();
    assert!(refusal(folder.path()).to_string().contains("not the name of a file beside it"));
    fs::write(&index, r#"{"weight_map": {"model.norm.weight": "part-1.safetensors"}}"#).unwrap();
    assert!(refusal(folder.path()).to_string().contains("part-1.safetensors"));
}
