//! Models written as GGUF files.

use std::path::PathBuf;

use crate::support::{shipped, soft_prompt};
use motjuste_lm::{Embedded, LoadOptions, OpenModel, Precision, Sequence};

const TEXTS: [&str; 5] = [
    "Input: tree\nOutput: trees\n\nInput: box\nOutput: boxes\n\nThe instruction was to?",
    "Instruction: write (the word) \"cat\", please!\n\nInput: don't\tgo\nOutput:",
    "Input: 3 15 207\nOutput: 225",
    "unknownword  two   spaces...  \n and_more",
    "naïve café 日本語 🙂",
];

const PAIRS: [&str; 2] = [
    "\n\ninput:\nw=15, b=-4\nvalue:\n409628\n\ninput:\nw=16, b=14\nvalue:\n98",
    "\n\ninput:\nw=-3, b=107\nvalue:\n1041 [15, 14]",
];

const TOURS: [&str; 2] = [
    "(0): (15, -4), (1): (-100, 0).\n\n<trace> 0,7,1 </trace>\nlength:\n1041\n\nPropose <trace> 0,3,1 </trace>",
    ", (2): (-123, 4)\n\n<trace> 0,12,3 </trace>\nlength:\n98",
];

#[test]
fn an_exported_gguf_file_is_the_same_model() {
    is_the_same_as_gguf(Embedded::Instructions, &TEXTS);
    is_the_same_as_gguf(Embedded::Pairs, &PAIRS);
    is_the_same_as_gguf(Embedded::Tours, &TOURS);
}

fn is_the_same_as_gguf(embedded: Embedded, texts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embedded.gguf");
    let model = embedded.open().unwrap();
    model.export_gguf(&path, Precision::F32).unwrap();
    let again = OpenModel::from_gguf(&path, &LoadOptions::default()).unwrap();
    for text in texts {
        let tokens = model.encode(text).unwrap();
        assert_eq!(again.encode(text).unwrap(), tokens, "{text:?}");
        assert_eq!(again.decode(&tokens).unwrap(), model.decode(&tokens).unwrap());
        let sequence =
            [Sequence { soft: soft_prompt(2, model.description().hidden), tokens, soft_at: 0 }];
        assert_eq!(again.logits(&sequence).unwrap(), model.logits(&sequence).unwrap());
        let hidden = |model: &OpenModel| model.hidden_states(&sequence).unwrap();
        assert_eq!(hidden(&again), hidden(&model));
    }
}

#[test]
fn a_gguf_file_in_eight_bits_is_the_model_loaded_in_eight_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embedded.gguf");
    let model = OpenModel::embedded().unwrap();
    model.export_gguf(&path, Precision::Q8_0).unwrap();
    let options = LoadOptions { precision: Precision::Q8_0, ..LoadOptions::default() };
    let direct = OpenModel::from_folder(shipped("embedded"), &options).unwrap();
    let exported = OpenModel::from_gguf(&path, &options).unwrap();
    let tokens = model.encode(TEXTS[0]).unwrap();
    let sequence = [Sequence { tokens, ..Sequence::default() }];
    assert_eq!(exported.logits(&sequence).unwrap(), direct.logits(&sequence).unwrap());
    assert!(exported.description().bytes < model.description().bytes / 3);
}

#[test]
fn what_has_no_place_in_a_gguf_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |model: &OpenModel| {
        let error = model.export_gguf(folder.path().join("out.gguf"), Precision::F32).unwrap_err();
        assert!(error.is_model());
        error.to_string()
    };
    let gguf = |name: &str| {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/gguf").join(name);
        OpenModel::from_gguf(path, &LoadOptions::default()).unwrap()
    };
    let (llama, qwen) = (refusal(&gguf("llama.gguf")), refusal(&gguf("qwen3.gguf")));
    assert!(llama.contains("byte-level BPE"), "{llama}");
    assert!(qwen.contains("qwen3"), "{qwen}");
}
