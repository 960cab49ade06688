//! Names, keys and addresses.

use motjuste::Error;
use motjuste::model::Model;
use motjuste_remote::{Address, Api, Endpoint, Environment, RemoteModel, Settings};

use crate::server::KEY;

fn open<const N: usize>(
    address: &Address,
    variables: [(&str, &str); N],
) -> motjuste::Result<RemoteModel> {
    let environment = Environment::of(variables);
    let settings = Settings { environment, ..Settings::default() };
    RemoteModel::at(Endpoint::open(address, &settings)?, address)
}

fn refused<const N: usize>(address: &Address, variables: [(&str, &str); N]) -> Error {
    let error = open(address, variables).unwrap_err();
    assert!(error.is_configuration() && error.help().is_some(), "{error:?}");
    assert!(!format!("{error:?}").contains(KEY));
    error
}

#[test]
fn a_missing_key_is_named_and_local_servers_need_none() {
    for (name, variable) in [
        ("openai/m", "OPENAI_API_KEY"),
        ("anthropic/m", "ANTHROPIC_API_KEY"),
        ("gemini/m", "GEMINI_API_KEY or GOOGLE_API_KEY"),
        ("openrouter/m", "OPENROUTER_API_KEY"),
    ] {
        // White space is no key.
        let error = refused(&Address::new(name), [("OPENAI_API_KEY", " ")]);
        assert!(error.to_string().contains(variable), "{error}");
    }
    for name in ["hosted_vllm/m", "sglang/m", "llama_cpp/m", "ollama/m"] {
        assert!(open(&Address::new(name), []).is_ok(), "{name}");
    }
    assert!(open(&Address::new("openai/m").at("http://localhost:1/v1"), []).is_ok());
}

#[test]
fn a_key_never_travels_in_the_clear() {
    let clear = Address::new("hosted_vllm/m").at("http://gpu.example/v1");
    let error = refused(&clear, [("HOSTED_VLLM_API_KEY", KEY)]);
    assert!(error.to_string().contains("in the clear"), "{error}");
    assert_eq!(error.setting(), Some(&motjuste::error::Setting::HttpKey));
    assert!(open(&clear, []).is_ok());
    let environment = Environment::of([("HOSTED_VLLM_API_KEY", KEY)]);
    let allowed = Settings { environment, allow_http_key: true, ..Settings::default() };
    assert!(Endpoint::open(&clear, &allowed).is_ok());
    let local = Address::new("hosted_vllm/m").at("http://127.0.0.1:9/v1");
    assert!(open(&local, [("HOSTED_VLLM_API_KEY", KEY)]).is_ok());
}

#[test]
fn an_identity_tells_servers_and_interfaces_apart_and_hides_keys() {
    let key = [("OPENAI_API_KEY", KEY)];
    let own = open(&Address::new("openai/gpt-4o"), key).unwrap();
    assert_eq!(own.id(), "openai/gpt-4o#chat");
    let proxy = open(&Address::new("openai/gpt-4o").at("https://proxy:8443/v1/"), key).unwrap();
    assert_eq!(proxy.id(), "openai/gpt-4o@proxy:8443#chat");
    let path = open(&Address::new("openai/f").at("https://proxy:8443/a/v1/"), key).unwrap();
    assert_eq!(path.id(), "openai/f@proxy:8443/a/v1#chat");
    let root = open(&Address::new("openai/f").at("https://proxy:8443"), key).unwrap();
    assert_eq!(root.id(), "openai/f@proxy:8443/#chat");
    let usual = |place: &str| {
        let groq = Address::new("groq/m").at(place);
        open(&groq, [("GROQ_API_KEY", KEY)]).unwrap().id().to_owned()
    };
    assert_eq!(usual("https://gateway/openai/v1"), "groq/m@gateway#chat");
    assert_eq!(usual("https://gateway/v1"), "groq/m@gateway/v1#chat");
    let vllm = |place: &str| open(&Address::new("hosted_vllm/m").at(place), []).unwrap();
    assert_eq!(vllm("http://gpu/v1").id(), "hosted_vllm/m@gpu:80#chat");
    assert_eq!(vllm("https://gpu/v1").id(), "hosted_vllm/m@gpu#chat");
    let named = Address::new("openai:gpt-4o").at("https://api.openai.com/v1/");
    assert_eq!(open(&named, key).unwrap().id(), own.id());
    let deployment = Address::new("azure/d").at("https://r.openai.azure.com");
    let deployment = open(&deployment, [("AZURE_OPENAI_API_KEY", KEY)]).unwrap();
    assert_eq!(deployment.id(), "azure/d@r.openai.azure.com#chat");
    assert!(own.is_remote() && !format!("{own:?}{deployment:?}").contains(KEY));
}

#[test]
fn a_key_has_no_quotes_and_a_plan_needs_none() {
    let quoted =
        Environment::of([("OPENAI_API_KEY", "\"sk-1\""), ("OPENAI_BASE_URL", "'https://a/v1'")]);
    let settings = Settings { environment: quoted, ..Settings::default() };
    let address = Address::new("openai/m");
    let model = RemoteModel::at(Endpoint::open(&address, &settings).unwrap(), &address).unwrap();
    assert_eq!(model.id(), "openai/m@a#chat");
    let plan =
        Settings { environment: Environment::of([]), without_key: true, ..Settings::default() };
    assert!(Endpoint::open(&address, &plan).is_ok());
}

#[test]
fn a_web_service_has_one_address() {
    let service = Address::new("http://127.0.0.1:1/a").at("http://127.0.0.1:1/b");
    assert!(refused(&service, []).to_string().contains("its address"));
}

#[test]
fn what_cannot_be_is_refused() {
    let mut completions = Address::new("anthropic/m");
    completions.api = Some(Api::Completions);
    let key = [("ANTHROPIC_API_KEY", KEY)];
    assert!(refused(&completions, key).to_string().contains("no completions"));
    let endpoint = Endpoint::open(&Address::new("ollama/m"), &Settings::default()).unwrap();
    let error = RemoteModel::at(endpoint, &Address::new("sglang/m")).unwrap_err();
    assert!(error.is_configuration());
}

#[test]
fn clouds_are_found_by_their_region_and_their_project() {
    let region = [("AWS_BEARER_TOKEN_BEDROCK", KEY), ("AWS_REGION", "eu-west-1")];
    let bedrock = open(&Address::new("bedrock/openai.gpt-oss-20b-1:0"), region).unwrap();
    assert_eq!(bedrock.id(), "bedrock/openai.gpt-oss-20b-1:0#chat?thinking=8000");
    let error = refused(&Address::new("bedrock/m"), [("AWS_BEARER_TOKEN_BEDROCK", KEY)]);
    assert!(error.to_string().contains("AWS_REGION"), "{error}");
    let error = refused(&Address::new("bedrock/m"), [("AWS_REGION", "eu-west-1")]);
    assert!(error.to_string().contains("AWS_BEARER_TOKEN_BEDROCK"), "{error}");
    let project = [
        ("VERTEX_ACCESS_TOKEN", KEY),
        ("VERTEXAI_PROJECT", "p-1"),
        ("GOOGLE_CLOUD_LOCATION", "global"),
    ];
    let vertex = open(&Address::new("vertex_ai/google/gemini-2.5-flash"), project).unwrap();
    assert_eq!(vertex.id(), "vertex_ai/google/gemini-2.5-flash#chat?thinking=8000");
    let elsewhere = [("AWS_BEARER_TOKEN_BEDROCK", KEY), ("AWS_REGION", "evil.example/")];
    refused(&Address::new("bedrock/m"), elsewhere);
}
