use super::{Activation, Config, LayerConfig, Scaling};
use serde_json::{Value, json};

fn file() -> Value {
    json!({
        "model_type": "llama", "hidden_size": 24, "intermediate_size": 40,
        "num_hidden_layers": 4, "num_attention_heads": 4, "vocab_size": 50,
        "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "eos_token_id": 3
    })
}

fn parse(changes: Value) -> motjuste::Result<Config> {
    let mut file = file();
    for (key, value) in changes.as_object().unwrap() {
        file[key] = value.clone();
    }
    Config::parse(file.to_string().as_bytes())
}

fn windows(changes: Value) -> Vec<Option<usize>> {
    parse(changes).unwrap().layers.iter().map(|layer| layer.window).collect()
}

#[test]
fn missing_keys_take_the_llama_defaults() {
    let config = parse(json!({})).unwrap();
    assert_eq!((config.key_value_heads, config.head_width), (4, 6));
    assert_eq!(config.ropes[0].theta, 10_000.0);
    assert_eq!(config.ropes[0].scaling, Scaling::None);
    assert_eq!(config.layers, [LayerConfig { window: None, rope: Some(0) }; 4]);
    assert_eq!(config.activation, Activation::Silu);
    assert_eq!(config.end, [3]);
    assert!(!config.tied_head && !config.bias.query_key_value && !config.fused);
    assert_eq!((config.embedding_scale, config.norm_offset), (1.0, 0.0));
}

#[test]
fn missing_keys_take_the_defaults_of_their_family() {
    let gemma = parse(json!({ "model_type": "gemma2", "num_key_value_heads": 2 })).unwrap();
    assert_eq!(gemma.activation, Activation::GeluTanh);
    assert_eq!((gemma.attention_cap, gemma.logit_cap), (Some(50.0), Some(30.0)));
    assert_eq!((gemma.head_width, gemma.query_scale), (256, 1.0 / 16.0));
    assert_eq!(gemma.embedding_scale, 24f32.sqrt());
    let plain = json!({ "model_type": "gemma2", "final_logit_softcapping": null });
    assert_eq!(parse(plain).unwrap().logit_cap, None);
    assert!(parse(json!({ "model_type": "qwen2" })).unwrap().bias.query_key_value);
    assert!(!parse(json!({ "model_type": "qwen2" })).unwrap().bias.attention_output);
    assert!(parse(json!({ "model_type": "qwen3" })).unwrap().query_key_norm);
}

#[test]
fn windows_lie_where_the_family_puts_them() {
    assert_eq!(windows(json!({ "sliding_window": 9 })), [None; 4]);
    assert_eq!(
        windows(json!({ "model_type": "mistral", "num_key_value_heads": 2 })),
        [Some(4096); 4]
    );
    let mistral =
        json!({ "model_type": "mistral", "num_key_value_heads": 2, "sliding_window": null });
    assert_eq!(windows(mistral), [None; 4]);
    let qwen = json!({ "model_type": "qwen2", "max_window_layers": 3, "sliding_window": 9 });
    assert_eq!(windows(qwen), [None; 4]);
    let qwen = json!({ "model_type": "qwen2", "max_window_layers": 3, "sliding_window": 9,
        "use_sliding_window": true });
    assert_eq!(windows(qwen), [None, None, None, Some(9)]);
    let gemma = json!({ "model_type": "gemma2", "sliding_window": 9 });
    assert_eq!(windows(gemma), [Some(9), None, Some(9), None]);
    let listed = json!({ "model_type": "gemma3_text", "sliding_window": 9, "layer_types":
        ["full_attention", "sliding_attention", "full_attention", "full_attention"] });
    assert_eq!(windows(listed), [None, Some(9), None, None]);
}

#[test]
fn rotations_may_differ_between_layers() {
    let ropes = |changes| {
        let config = parse(changes).unwrap();
        let thetas: Vec<f64> = config.ropes.iter().map(|rope| rope.theta).collect();
        (thetas, config.layers.iter().map(|layer| layer.rope).collect::<Vec<_>>())
    };
    let old = json!({ "model_type": "gemma3_text", "sliding_window_pattern": 3,
        "rope_local_base_freq": 100.0, "rope_theta": 1e4,
        "rope_scaling": { "rope_type": "linear", "factor": 8.0 } });
    let new = json!({ "model_type": "gemma3_text", "sliding_window_pattern": 3, "rope_parameters": {
        "sliding_attention": { "rope_theta": 100.0 },
        "full_attention": { "rope_theta": 1e4, "rope_type": "linear", "factor": 8.0 } } });
    let expected = (vec![1e4, 100.0], vec![Some(1), Some(1), Some(0), Some(1)]);
    assert_eq!((ropes(old.clone()), ropes(new.clone())), (expected.clone(), expected));
    assert_eq!(parse(old).unwrap().ropes, parse(new).unwrap().ropes);
    let (_, smollm) = ropes(json!({ "model_type": "smollm3" }));
    assert_eq!(smollm, [Some(0), Some(0), Some(0), None]);
    let (_, smollm) = ropes(json!({ "model_type": "smollm3", "no_rope_layers": [0, 1, 0, 1] }));
    assert_eq!(smollm, [None, Some(0), None, Some(0)]);
}

#[test]
fn the_rope_base_is_read_in_both_places() {
    let old = parse(json!({ "rope_theta": 5e5 })).unwrap();
    let new = parse(json!({ "rope_parameters": { "rope_theta": 5e5, "rope_type": "default" }}));
    assert_eq!(old.ropes[0].theta, 5e5);
    assert_eq!(old.ropes, new.unwrap().ropes);
}

#[test]
fn a_scaling_is_read_in_both_forms_and_takes_its_defaults() {
    let scaling = json!({ "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16 });
    let old = parse(json!({ "rope_theta": 5e5, "rope_scaling": scaling })).unwrap();
    let new = parse(json!({ "rope_parameters": { "rope_type": "yarn", "rope_theta": 5e5,
        "factor": 4.0, "original_max_position_embeddings": 16 } }));
    assert_eq!(old.ropes, new.unwrap().ropes);
    let Scaling::Yarn(yarn) = &old.ropes[0].scaling else { panic!("another scaling") };
    assert_eq!(yarn.beta_fast, 32.0);
    // 0.1 ln 4 + 1
    assert!((yarn.attention_factor - 1.138_629_436).abs() < 1e-9);
}

#[test]
fn end_tokens_may_be_a_list_or_absent() {
    assert_eq!(parse(json!({ "eos_token_id": [1, 2] })).unwrap().end, [1, 2]);
    assert!(parse(json!({ "eos_token_id": null })).unwrap().end.is_empty());
}

#[test]
fn what_we_cannot_compute_is_refused_by_name() {
    let refused = [
        (json!({ "model_type": "falcon" }), "model_type `falcon`"),
        (json!({ "hidden_act": "relu" }), "hidden_act `relu`"),
        (json!({ "rope_scaling": { "rope_type": "dynamic" }}), "rope_type `dynamic`"),
        (json!({ "rope_scaling": { "rope_type": "llama3" }}), "no `factor`"),
        (
            json!({ "rope_scaling": { "type": "su", "short_factor": [1.0], "long_factor": [1.0] }}),
            "1 values, not 3",
        ),
        (json!({ "quantization_config": { "bits": 4 }}), "quantization_config"),
        (
            json!({ "model_type": "gemma2", "num_key_value_heads": 4,
            "layer_types": ["full_attention", "full_attention", "full_attention", "chunked_attention"] }),
            "layer type `chunked_attention`",
        ),
        (json!({ "model_type": "qwen2", "layer_types": ["full_attention"] }), "4 layers"),
        (json!({ "num_key_value_heads": 3 }), "4 attention heads cannot share 3"),
        (json!({ "head_dim": 5 }), "5 values of a head of 5"),
    ];
    for (change, message) in refused {
        let error = parse(change).unwrap_err();
        assert!(error.is_model() && error.to_string().contains(message), "{error}");
    }
    let help = parse(json!({ "model_type": "falcon" })).unwrap_err();
    assert!(help.help().unwrap().contains("qwen3"));
}

#[test]
fn a_missing_key_is_named() {
    let error = Config::parse(br#"{"model_type": "llama"}"#).unwrap_err();
    assert!(error.to_string().contains("hidden_size"), "{error}");
    assert!(Config::parse(b"{}").unwrap_err().to_string().contains("model_type"));
}
