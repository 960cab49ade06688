//! Names of models become models.

use std::sync::Arc;
use std::time::Duration;

use motjuste::error::Setting;
use motjuste::method::GeneratorRole;
use motjuste::model::Model;
use motjuste::work::{Pace, Shared};
use motjuste::{Error, Result};
#[cfg(feature = "local")]
use motjuste_lm::OpenModel;
use motjuste_remote::{
    Address, Endpoint, Limits, ProgramModel, ProgramSettings, Provider, RemoteModel,
    ServedGenerator,
};

use crate::name::ModelName;
use crate::options::Options;

/// Opens models. A local model that plays several roles is loaded once; models of one server share
/// its connections and its limits.
pub struct Opener {
    pub(crate) options: Options,
    #[cfg(feature = "local")]
    local: Vec<(String, Arc<OpenModel>)>,
    endpoints: Vec<(Provider, Option<String>, Endpoint)>,
    programs: Vec<(String, Arc<ProgramModel>)>,
}

impl Opener {
    /// An opener that has opened nothing yet.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            #[cfg(feature = "local")]
            local: Vec::new(),
            endpoints: Vec::new(),
            programs: Vec::new(),
        }
    }

    /// The model of this name.
    ///
    /// # Errors
    /// [`Error::is_configuration`] for a name that is none, and for a server without its key;
    /// [`Error::is_model`] when a local model cannot be loaded.
    pub fn model(&mut self, name: &ModelName) -> Result<Arc<dyn Model>> {
        match (name.address()?, name.command()) {
            (Some(address), _) => {
                let model = Arc::new(self.remote(&address)?);
                Ok(self.shared(name, model))
            }
            (None, Some(command)) => Ok(self.program(command)?),
            (None, None) => self.in_process(&name.name),
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
            (true, _, GeneratorRole::Weights) => {
                Err(Error::configuration(format!("{} shows no weights to compute on", name.name))
                    .with_help(
                        "use an open model on this machine as generator: `embedded`, a folder or a GGUF file; the \
                         target may be any model",
                    ))
            }
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

    /// The model, asked by workers where there is a queue for them.
    fn shared(&self, name: &ModelName, model: Arc<RemoteModel>) -> Arc<dyn Model> {
        let Some(queue) = &self.options.queue else { return model };
        let Some(line) = name.to_line() else { return model };
        let shared = Shared::new(model, line, queue.clone());
        let Limits { requests_per_minute, tokens_per_minute, .. } = self.options.remote.limits;
        if requests_per_minute.is_none() && tokens_per_minute.is_none() {
            return Arc::new(shared);
        }
        let provider = name.name.split('/').next().unwrap_or_default();
        let server = format!("{provider} {}", name.url.as_deref().unwrap_or_default());
        let minutes = |amount: u64, limit: Option<u64>| {
            limit.map_or(0.0, |limit| amount as f64 / limit.max(1) as f64)
        };
        Arc::new(shared.paced(move |request| {
            let most = request.worst_case();
            let minutes =
                minutes(1, requests_per_minute).max(minutes(most.tokens(), tokens_per_minute));
            Pace { server: server.clone(), takes: Duration::from_secs_f64(60.0 * minutes) }
        }))
    }

    pub(crate) fn remote(&mut self, address: &Address) -> Result<RemoteModel> {
        RemoteModel::at(self.endpoint(address)?, address)
    }

    /// A program that plays several roles has one pool of processes.
    fn program(&mut self, command: &str) -> Result<Arc<ProgramModel>> {
        if let Some((_, program)) = self.programs.iter().find(|(known, _)| known == command) {
            return Ok(program.clone());
        }
        let remote = &self.options.remote;
        let processes = self.options.processes.unwrap_or(ProgramSettings::default().processes);
        let settings = ProgramSettings {
            processes: processes.min(remote.limits.concurrency),
            timeout: remote.timeouts.total,
            environment: remote.environment.clone(),
            notices: remote.notices.clone(),
        };
        let program = Arc::new(ProgramModel::open(command, &settings)?);
        self.programs.push((command.to_owned(), program.clone()));
        Ok(program)
    }

    /// Refuses options that no model of `names` is opened with.
    ///
    /// # Errors
    /// [`Error::is_configuration`] when they are not the default ones and apply to no model.
    pub fn refuse_unused_options(&self, names: &[&str]) -> Result<()> {
        let is_program = |name: &&str| ModelName::new(*name).command().is_some();
        if self.options.processes.is_some() && !names.iter().any(is_program) {
            return Err(Error::configuration(
                "a number of processes is given and no model is a program",
            )
            .with_help("leave it out; how many calls are in flight is another option"));
        }
        self.refuse_unused_loading(names)
    }

    fn endpoint(&mut self, address: &Address) -> Result<Endpoint> {
        let (provider, _) = address.parts()?;
        let place = match provider {
            Provider::Service => Some(address.name.clone()),
            _ => address.base_url.clone(),
        };
        let same = |(known, url, _): &&(Provider, Option<String>, Endpoint)| {
            *known == provider && *url == place
        };
        if let Some((_, _, endpoint)) = self.endpoints.iter().find(same) {
            return Ok(endpoint.clone());
        }
        let endpoint = Endpoint::open(address, &self.options.remote)?;
        self.endpoints.push((provider, place, endpoint.clone()));
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
            return Err(Error::configuration(format!("\"{}\" reads no soft prompts", name.name))
                .with_help("leave the embedder out"));
        };
        let embedder = crate::local::embedder(embedder, &self.options)?;
        ServedGenerator::new(self.endpoint(&address)?, &address, embedder)
    }

    fn refuse_unused_loading(&self, names: &[&str]) -> Result<()> {
        crate::local::refuse_unused(&self.options.load, names)
    }
}

#[cfg(not(feature = "local"))]
impl Opener {
    fn in_process(&mut self, name: &str) -> Result<Arc<dyn Model>> {
        let help = "name a model behind an API as PROVIDER/MODEL";
        Err(Error::configuration(format!("this program runs no model such as \"{name}\" itself"))
            .with_help(crate::suggest::for_name(name).unwrap_or_else(|| help.to_owned())))
    }

    #[expect(clippy::unused_self, reason = "with the feature `local` there are options to look at")]
    fn refuse_unused_loading(&self, _: &[&str]) -> Result<()> {
        Ok(())
    }

    pub(crate) fn served(&mut self, _: &ModelName, embedder: &str) -> Result<ServedGenerator> {
        Err(Error::configuration(format!("this program cannot load the embedder {embedder}"))
            .with_help("compile it with the feature `local`"))
    }
}
