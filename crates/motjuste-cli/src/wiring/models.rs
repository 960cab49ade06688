//! Names of models become models.

use std::path::Path;
use std::sync::Arc;

use motjuste::model::{Generator, LanguageModel, Writer};
use motjuste::{Error, Result};
use motjuste_lm::{LoadOptions, OpenModel};
use motjuste_remote::{
    Address, Api, Endpoint, Limits, Provider, RemoteModel, ServedGenerator, Settings,
};

use super::local;
use crate::args::{CallArgs, LocalArgs, ModelArgs, TargetApi};

/// Opens models. A local model that plays several roles is loaded once; models of one server share
/// its connections and its limits.
pub(crate) struct Opener<'a> {
    calls: &'a CallArgs,
    options: LoadOptions,
    local: Vec<(String, Arc<OpenModel>)>,
    endpoints: Vec<(Provider, Option<String>, Endpoint)>,
}

impl<'a> Opener<'a> {
    pub(crate) fn new(local: &LocalArgs, calls: &'a CallArgs) -> Self {
        let options = local::options(local);
        Self { calls, options, local: Vec::new(), endpoints: Vec::new() }
    }

    /// Refuses options for local models when none of `names` is loaded with them.
    pub(crate) fn refuse_unused_options(&self, names: &[&str]) -> Result<()> {
        local::refuse_unused(&self.options, names)
    }

    /// The model that writes instructions.
    pub(crate) fn generator(&mut self, args: &ModelArgs) -> Result<Arc<dyn Generator>> {
        match self.served_generator(args)? {
            Some(served) => Ok(Arc::new(served)),
            None => Ok(self.local(&args.generator)?),
        }
    }

    /// The model that writes instructions when it is asked in words: any model.
    pub(crate) fn writer(&mut self, args: &ModelArgs) -> Result<Arc<dyn Generator>> {
        if args.embedder.is_some() {
            return self.generator(args);
        }
        match self.remote(&args.generator, args.generator_url.as_deref(), None)? {
            Some(remote) => Ok(Arc::new(Writer::new(Arc::new(remote)))),
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
        let embedder = local::embedder(name, &self.options)?;
        ServedGenerator::new(self.endpoint(&address)?, &address, embedder).map(Some)
    }

    /// The model of this name, behind an API or on this machine.
    pub(crate) fn model(
        &mut self,
        name: &str,
        url: Option<&str>,
        api: Option<TargetApi>,
    ) -> Result<Arc<dyn LanguageModel>> {
        match self.remote(name, url, api)? {
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

    /// A model on this machine.
    pub(crate) fn local(&mut self, name: &str) -> Result<Arc<OpenModel>> {
        if let Some((_, model)) = self.local.iter().find(|(known, _)| known == name) {
            return Ok(model.clone());
        }
        let model = local::open(name, &self.options)?;
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
