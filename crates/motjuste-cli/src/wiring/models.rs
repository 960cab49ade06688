//! Names of models become models.

use std::path::Path;
use std::sync::Arc;

use motjuste::model::{Embedder, Generator, LanguageModel};
use motjuste::{Error, Result};
use motjuste_lm::{LoadOptions, OpenModel};
use motjuste_remote::{
    Address, Api, Endpoint, Limits, Provider, RemoteModel, ServedGenerator, Settings,
};

use crate::args::{CallArgs, ModelArgs, TargetApi, TargetArgs};

/// The name of the model that is compiled into the binary.
pub(crate) const EMBEDDED: &str = "embedded";

/// Opens models. A local model that plays several roles is loaded once; models of one server share
/// its connections and its limits.
pub(crate) struct Opener<'a> {
    calls: &'a CallArgs,
    local: Vec<(String, Arc<OpenModel>)>,
    endpoints: Vec<(Provider, Option<String>, Endpoint)>,
}

impl<'a> Opener<'a> {
    pub(crate) fn new(calls: &'a CallArgs) -> Self {
        Self { calls, local: Vec::new(), endpoints: Vec::new() }
    }

    /// The model that writes instructions.
    pub(crate) fn generator(&mut self, args: &ModelArgs) -> Result<Arc<dyn Generator>> {
        match self.served_generator(args)? {
            Some(served) => Ok(Arc::new(served)),
            None => Ok(self.local(&args.generator)?),
        }
    }

    /// The generator, where a server runs it.
    pub(crate) fn served_generator(&mut self, args: &ModelArgs) -> Result<Option<ServedGenerator>> {
        let Some(address) = address(&args.generator, args.generator_url.as_deref(), None)? else {
            return Ok(None);
        };
        let Some(name) = &args.embedder else {
            return Err(Error::configuration("a served generator is needed on this side as well")
                .with_help(
                    "give the same model with --embedder, `embedded` or a folder; its tokenizer \
                     and its embedding matrix turn soft prompts into what the server reads",
                ));
        };
        let embedder: Arc<dyn Embedder> = self.local(name)?;
        ServedGenerator::new(self.endpoint(&address)?, &address, embedder).map(Some)
    }

    /// The model being instructed.
    pub(crate) fn target(&mut self, args: &TargetArgs) -> Result<Arc<dyn LanguageModel>> {
        match self.remote(&args.target, args.target_url.as_deref(), args.target_api)? {
            Some(remote) => Ok(Arc::new(remote)),
            None => Ok(self.local(&args.target)?),
        }
    }

    /// The model of this name that judges answers.
    pub(crate) fn judge(
        &mut self,
        name: &str,
        args: &TargetArgs,
    ) -> Result<Arc<dyn LanguageModel>> {
        match self.remote(name, args.judge_url.as_deref(), None)? {
            Some(remote) => Ok(Arc::new(remote)),
            None => Ok(self.local(name)?),
        }
    }

    /// A model behind an API, where the name is of one.
    pub(crate) fn remote(
        &mut self,
        name: &str,
        url: Option<&str>,
        api: Option<TargetApi>,
    ) -> Result<Option<RemoteModel>> {
        let Some(address) = address(name, url, api)? else { return Ok(None) };
        RemoteModel::at(self.endpoint(&address)?, &address).map(Some)
    }

    fn local(&mut self, name: &str) -> Result<Arc<OpenModel>> {
        if let Some((_, model)) = self.local.iter().find(|(known, _)| known == name) {
            return Ok(model.clone());
        }
        let model = open_model(name)?;
        self.local.push((name.to_owned(), model.clone()));
        Ok(model)
    }

    fn endpoint(&mut self, address: &Address) -> Result<Endpoint> {
        let (provider, _) = address.parts()?;
        let same = |(known, url, _): &&(Provider, Option<String>, Endpoint)| {
            *known == provider && *url == address.base_url
        };
        if let Some((_, _, endpoint)) = self.endpoints.iter().find(same) {
            return Ok(endpoint.clone());
        }
        let limits = Limits {
            concurrency: self.calls.concurrency,
            requests_per_minute: self.calls.requests_per_minute,
            tokens_per_minute: self.calls.tokens_per_minute,
        };
        let endpoint = Endpoint::open(address, &Settings { limits, ..Settings::default() })?;
        self.endpoints.push((provider, address.base_url.clone(), endpoint.clone()));
        Ok(endpoint)
    }
}

/// Whether a name begins with a provider's. A folder of that name wins.
pub(crate) fn is_remote(name: &str) -> bool {
    let provider = name.split(['/', ':']).next().unwrap_or_default();
    provider != name && Provider::named(provider).is_some() && !Path::new(name).exists()
}

/// Where a model is, unless it runs in this process.
fn address(name: &str, url: Option<&str>, api: Option<TargetApi>) -> Result<Option<Address>> {
    if is_remote(name) {
        let api = api.map(|api| match api {
            TargetApi::Chat => Api::Chat,
            TargetApi::Completions => Api::Completions,
        });
        return Ok(Some(Address { name: name.to_owned(), base_url: url.map(str::to_owned), api }));
    }
    if url.is_some() || api.is_some() {
        let message = format!("\"{name}\" runs in this process: it has no URL and no API");
        return Err(Error::configuration(message).with_help(
            "name a model behind an API as PROVIDER/MODEL, such as openai_compatible/MODEL",
        ));
    }
    Ok(None)
}

/// The local model of this name.
pub(crate) fn open_model(name: &str) -> Result<Arc<OpenModel>> {
    if name == EMBEDDED {
        return OpenModel::embedded();
    }
    if Path::new(name).is_dir() {
        return Ok(Arc::new(OpenModel::from_folder(name, &LoadOptions::default())?));
    }
    if let Some(repository) = name.strip_prefix("hf/") {
        return hub_model(repository);
    }
    let providers: Vec<_> = Provider::names().collect();
    Err(Error::configuration(format!("unknown model \"{name}\"")).with_help(format!(
        "use `embedded`; the path of a folder with config.json, tokenizer.json and \
         model.safetensors; hf/ORG/NAME from the Hugging Face Hub; or PROVIDER/MODEL with one of \
         {}",
        providers.join(", ")
    )))
}

/// The model of a repository on the Hugging Face Hub, given as `ORG/NAME` or `ORG/NAME@REVISION`.
#[cfg(feature = "hub")]
fn hub_model(repository: &str) -> Result<Arc<OpenModel>> {
    let (name, revision) = repository.split_once('@').unwrap_or((repository, "main"));
    let model = OpenModel::from_hub(name, revision, &LoadOptions::default(), &mut |_| ())?;
    Ok(Arc::new(model))
}

#[cfg(not(feature = "hub"))]
fn hub_model(repository: &str) -> Result<Arc<OpenModel>> {
    Err(Error::configuration(format!("this motjuste cannot download {repository}"))
        .with_help("download it with another program, and give the path of its folder"))
}
