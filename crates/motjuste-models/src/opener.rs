//! Names of models become models.

use std::sync::Arc;

use motjuste::error::Setting;
use motjuste::method::GeneratorRole;
use motjuste::model::Model;
use motjuste::{Error, Result};
#[cfg(feature = "local")]
use motjuste_lm::OpenModel;
use motjuste_remote::{Address, Endpoint, Provider, RemoteModel, ServedGenerator};

use crate::name::ModelName;
use crate::options::Options;

/// Opens models. A local model that plays several roles is loaded once; models of one server share
/// its connections and its limits.
pub struct Opener {
    pub(crate) options: Options,
    #[cfg(feature = "local")]
    local: Vec<(String, Arc<OpenModel>)>,
    endpoints: Vec<(Provider, Option<String>, Endpoint)>,
}

impl Opener {
    /// An opener that has opened nothing yet.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            #[cfg(feature = "local")]
            local: Vec::new(),
            endpoints: Vec::new(),
        }
    }

    /// The model of this name.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for a name that is none, and for a server without its key;
    /// [`Error::is_model`] when a local model cannot be loaded.
    pub fn model(&mut self, name: &ModelName) -> Result<Arc<dyn Model>> {
        match name.address()? {
            Some(address) => Ok(Arc::new(self.remote(&address)?)),
            None => self.in_process(&name.name),
        }
    }

    /// The model that writes instructions. A server reads soft prompts through `embedder`: the same
    /// model on this side, whose tokenizer and embedding matrix turn them into what the server reads.
    ///
    /// # Errors
    /// As [`Self::model`]; [`Error::is_configuration`] when a server is to read soft prompts and there
    /// is no embedder.
    pub fn generator(
        &mut self,
        name: &ModelName,
        embedder: Option<&str>,
        role: GeneratorRole,
    ) -> Result<Arc<dyn Model>> {
        match (name.is_remote(), embedder, role) {
            (true, Some(embedder), _) => Ok(Arc::new(self.served(name, embedder)?)),
            (true, None, GeneratorRole::SoftPrompts) => {
                let message = "a served generator is needed on this side as well";
                Err(Error::configuration(message)
                    .with_help(
                        "give the same model as embedder, `embedded` or a folder; its tokenizer and \
                         its embedding matrix turn soft prompts into what the server reads",
                    )
                    .with_setting(Setting::Embedder))
            }
            _ => self.model(name),
        }
    }

    pub(crate) fn remote(&mut self, address: &Address) -> Result<RemoteModel> {
        RemoteModel::at(self.endpoint(address)?, address)
    }

    fn endpoint(&mut self, address: &Address) -> Result<Endpoint> {
        let (provider, _) = address.parts()?;
        let same = |(known, url, _): &&(Provider, Option<String>, Endpoint)| {
            *known == provider && *url == address.base_url
        };
        if let Some((_, _, endpoint)) = self.endpoints.iter().find(same) {
            return Ok(endpoint.clone());
        }
        let endpoint = Endpoint::open(address, &self.options.remote)?;
        self.endpoints.push((provider, address.base_url.clone(), endpoint.clone()));
        Ok(endpoint)
    }
}

#[cfg(feature = "local")]
impl Opener {
    /// The open model of this name, on this machine.
    ///
    /// # Errors
    /// As [`Self::model`].
    pub fn local(&mut self, name: &str) -> Result<Arc<OpenModel>> {
        if let Some((_, model)) = self.local.iter().find(|(known, _)| known == name) {
            return Ok(model.clone());
        }
        let model = crate::local::open(name, &self.options)?;
        self.local.push((name.to_owned(), model.clone()));
        Ok(model)
    }

    fn in_process(&mut self, name: &str) -> Result<Arc<dyn Model>> {
        Ok(self.local(name)?)
    }

    pub(crate) fn served(&mut self, name: &ModelName, embedder: &str) -> Result<ServedGenerator> {
        let Some(address) = name.address()? else {
            return Err(Error::configuration(format!("\"{}\" is no model on a server", name.name))
                .with_help("leave the embedder out"));
        };
        let embedder = crate::local::embedder(embedder, &self.options)?;
        ServedGenerator::new(self.endpoint(&address)?, &address, embedder)
    }

    /// Refuses options for local models when none of `names` is loaded with them.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when they are not the default ones and apply to no model.
    pub fn refuse_unused_options(&self, names: &[&str]) -> Result<()> {
        crate::local::refuse_unused(&self.options.load, names)
    }
}

#[cfg(not(feature = "local"))]
impl Opener {
    fn in_process(&mut self, name: &str) -> Result<Arc<dyn Model>> {
        Err(Error::configuration(format!("this program runs no model such as \"{name}\" itself"))
            .with_help("name a model behind an API as PROVIDER/MODEL"))
    }

    pub(crate) fn served(&mut self, _: &ModelName, embedder: &str) -> Result<ServedGenerator> {
        Err(Error::configuration(format!("this program cannot load the embedder {embedder}"))
            .with_help("compile it with the feature `local`"))
    }
}
