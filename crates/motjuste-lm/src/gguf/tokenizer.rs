//! The tokenizer of a GGUF file as a tokenizer.json.

use motjuste::Result;
use serde_json::{Map, Value, json};

use super::header::Header;
use super::value::Value as Stored;
use super::vocabulary::{Kind, Vocabulary, strings};

/// A tokenizer.json.
pub(crate) fn tokenizer(header: &Header) -> Result<Value> {
    match header.text("tokenizer.ggml.model") {
        Some("gpt2") => byte_level(header),
        Some("llama") => sentence_piece(header),
        kind => {
            let kind = kind.unwrap_or("none");
            Err(header.error(&format!("a tokenizer of kind `{kind}` is not supported")).with_help(
                "choose a model whose tokenizer is of kind `gpt2` or `llama`, or load its Hugging \
                 Face folder",
            ))
        }
    }
}

/// Special tokens and chat template, as a tokenizer_config.json.
pub(crate) fn tokenizer_config(header: &Header) -> Value {
    let tokens = header.list("tokenizer.ggml.tokens").map(strings).unwrap_or_default();
    let mut config = Map::new();
    for (key, name) in [("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown")] {
        let id = header.get(&format!("tokenizer.ggml.{name}_token_id")).and_then(Stored::whole);
        if let Some(token) = id.and_then(|id| tokens.get(id)) {
            config.insert(key.to_owned(), json!(token));
        }
    }
    if let Some(template) = header.text("tokenizer.chat_template") {
        config.insert("chat_template".to_owned(), json!(template));
    }
    config.insert("tokenizer_class".to_owned(), json!("PreTrainedTokenizerFast"));
    Value::Object(config)
}

/// The key `post_processor`: the token that begins a text, if the file asks for it or, when it
/// says nothing, if llama.cpp would.
fn post_processor(header: &Header, vocabulary: &Vocabulary, by_default: bool) -> Value {
    let asked = header.flag("tokenizer.ggml.add_bos_token").unwrap_or(by_default);
    let id = header.get("tokenizer.ggml.bos_token_id").and_then(Stored::whole).filter(|_| asked);
    let Some((id, token)) = id.and_then(|id| Some((id, *vocabulary.tokens.get(id)?))) else {
        return Value::Null;
    };
    let start = json!({ "SpecialToken": { "id": token, "type_id": 0 } });
    let text = |id: &str, kind: u8| json!({ "Sequence": { "id": id, "type_id": kind } });
    json!({ "type": "TemplateProcessing", "single": [start, text("A", 0)],
        "pair": [start, text("A", 0), text("B", 1)],
        "special_tokens": { token: { "id": token, "ids": [id], "tokens": [token] } } })
}

const CONTRACTIONS: &str = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
const REST: &str = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The patterns that cut a text into words, one after the other, for each name of
/// `tokenizer.ggml.pre`; `None` for a name we do not know.
fn patterns(pre: &str) -> Option<Vec<String>> {
    let words = r"[^\r\n\p{L}\p{N}]?\p{L}+";
    Some(match pre {
        "llama-bpe" | "llama3" | "llama-v3" | "falcon3" | "pixtral" | "smaug-bpe" | "dbrx" => {
            vec![format!(r"{CONTRACTIONS}|{words}|\p{{N}}{{1,3}}|{REST}")]
        }
        "qwen2" | "deepseek-r1-qwen" | "stablelm2" => {
            vec![format!(r"{CONTRACTIONS}|{words}|\p{{N}}|{REST}")]
        }
        "smollm" => vec![r"\p{N}".to_owned(), GPT2.to_owned()],
        "gpt-2" | "phi-2" => vec![GPT2.to_owned()],
        "gpt-4o" => vec![gpt_4o(&format!(r"{CONTRACTIONS}?"), r"\p{N}{1,3}")],
        "tekken" => vec![gpt_4o("", r"\p{N}")],
        "default" => [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"]
            .map(str::to_owned)
            .to_vec(),
        _ => return None,
    })
}

/// Words that change from capitals to small letters once, as GPT-4o and Tekken cut them.
fn gpt_4o(contractions: &str, numbers: &str) -> String {
    let (upper, lower) = (r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]");
    let start = r"[^\r\n\p{L}\p{N}]?";
    let rest = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    format!(
        "{start}{upper}*{lower}+{contractions}|{start}{upper}+{lower}*{contractions}|{numbers}|{rest}"
    )
}

/// The names under which a whole word is looked up before it is cut.
fn ignores_merges(pre: &str) -> bool {
    matches!(pre, "llama-bpe" | "llama3" | "llama-v3" | "falcon3" | "pixtral" | "tekken")
}

/// Byte-level BPE (GPT-2), with the merges that the file lists.
fn byte_level(header: &Header) -> Result<Value> {
    let pre = header.text("tokenizer.ggml.pre").unwrap_or("default");
    let patterns = patterns(pre).ok_or_else(|| {
        header
            .error(&format!("tokenizer.ggml.pre `{pre}` is not supported"))
            .with_help("load the model's Hugging Face folder instead")
    })?;
    let merges = header.list("tokenizer.ggml.merges").map(strings);
    let merges = merges.ok_or_else(|| header.error("tokenizer.ggml.merges is missing"))?;
    let vocabulary = Vocabulary::read(header)?;
    let splits = patterns.iter().map(|pattern| {
        json!({ "type": "Split", "pattern": { "Regex": pattern }, "behavior": "Isolated",
            "invert": false })
    });
    let bytes = json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false,
        "use_regex": false });
    Ok(json!({
        "version": "1.0",
        "added_tokens": vocabulary.added_tokens(),
        "normalizer": (pre == "qwen2").then(|| json!({ "type": "NFC" })),
        "post_processor": post_processor(header, &vocabulary, ignores_merges(pre)),
        "pre_tokenizer": { "type": "Sequence",
            "pretokenizers": splits.chain([bytes.clone()]).collect::<Value>() },
        "decoder": bytes,
        "model": { "type": "BPE", "vocab": vocabulary.vocab(), "merges": merges,
            "ignore_merges": ignores_merges(pre) },
    }))
}

/// SentencePiece BPE: the pair whose union has the highest score is merged first; what is not in
/// the vocabulary is spelled in bytes.
fn sentence_piece(header: &Header) -> Result<Value> {
    let vocabulary = Vocabulary::read(header)?;
    let scores = header.list("tokenizer.ggml.scores");
    let scores = scores.ok_or_else(|| header.error("tokenizer.ggml.scores is missing"))?;
    let scores: Vec<f32> = scores.iter().map(|score| score.real().unwrap_or(0.0)).collect();
    let unknown = vocabulary.kinds.iter().position(|&kind| kind == Kind::Unknown);
    let space = json!({ "type": "Replace", "pattern": { "String": " " }, "content": "▁" });
    let back = json!({ "type": "Replace", "pattern": { "String": "▁" }, "content": " " });
    let prefix = header.flag("tokenizer.ggml.add_space_prefix").unwrap_or(true);
    let mut normalizers = vec![space];
    let mut decoders = vec![back, json!({ "type": "ByteFallback" }), json!({ "type": "Fuse" })];
    if prefix {
        normalizers.insert(0, json!({ "type": "Prepend", "prepend": "▁" }));
        decoders.push(json!({ "type": "Strip", "content": " ", "start": 1, "stop": 0 }));
    }
    Ok(json!({
        "version": "1.0",
        "added_tokens": vocabulary.added_tokens(),
        "normalizer": { "type": "Sequence", "normalizers": normalizers },
        "post_processor": post_processor(header, &vocabulary, true),
        "decoder": { "type": "Sequence", "decoders": decoders },
        "model": { "type": "BPE", "vocab": vocabulary.vocab(), "merges": merges(&vocabulary, &scores),
            "unk_token": unknown.map(|id| vocabulary.tokens[id]), "fuse_unk": true,
            "byte_fallback": true },
    }))
}

/// Every way to make a token out of two, best first: by score, then by the length of the parts.
fn merges(vocabulary: &Vocabulary, scores: &[f32]) -> Vec<[String; 2]> {
    let mergeable = |id: &usize| matches!(vocabulary.kinds[*id], Kind::Normal | Kind::Unused);
    let ids = vocabulary.ids();
    let mut merges = Vec::new();
    for (token, &id) in &ids {
        for (cut, _) in token.char_indices().skip(1) {
            let (left, right) = token.split_at(cut);
            let parts = [left, right].map(|part| ids.get(part).copied().filter(mergeable));
            if let ([Some(a), Some(b)], true) = (parts, mergeable(&id)) {
                merges.push((scores.get(id).copied().unwrap_or(0.0), id, a, b));
            }
        }
    }
    merges.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2, x.3).cmp(&(y.1, y.2, y.3))));
    let text = |id: usize| vocabulary.tokens[id].to_owned();
    merges.into_iter().map(|(_, _, a, b)| [text(a), text(b)]).collect()
}
