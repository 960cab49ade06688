//! Whether models are reachable and do what a study needs.

use motjuste::Result;
use motjuste::method::GeneratorRole;
use motjuste::model::{Decoding, Model, Parts, Request};
use motjuste::task::Example;
use motjuste_remote::{Finding, Probe};

use crate::name::ModelName;
use crate::opener::Opener;

impl Opener {
    /// Asks the model of this name one short question.
    ///
    /// A model that refuses is a finding, not an error.
    ///
    /// # Errors
    /// [`Error::is_configuration`](motjuste::Error::is_configuration) for a name that is none.
    pub async fn probe(&mut self, name: &ModelName) -> Result<Probe> {
        match name.address()? {
            Some(address) => Ok(self.remote(&address)?.probe().await),
            None => Ok(asked(self.model(name)).await),
        }
    }

    /// As [`Self::probe`], for the model that writes instructions: whether a server that is given an
    /// embedder reads soft prompts as it should.
    ///
    /// # Errors
    /// As [`Self::probe`], and as [`Self::generator`].
    pub async fn probe_generator(
        &mut self,
        name: &ModelName,
        embedder: Option<&str>,
        role: GeneratorRole,
    ) -> Result<Probe> {
        match (name.is_remote(), embedder, role) {
            (true, _, GeneratorRole::Weights) | (true, None, GeneratorRole::SoftPrompts) => {
                self.generator(name, None, role)?;
                Ok(Probe::default())
            }
            (true, Some(embedder), _) => Ok(self.served(name, embedder)?.probe().await),
            _ => self.probe(name).await,
        }
    }
}

/// A short question; a program finds it as the instruction of a row.
fn question(model: &dyn Model) -> Request {
    let (question, row) = ("Say yes.", Example::new("Are you there?", ["yes"]));
    let parts = model.abilities().parts.then(|| Box::new(Parts::of(question, &row, &[])));
    Request { parts, ..Request::new(question, Decoding::greedy(4)) }
}

/// A model on this machine is loaded and asked once.
async fn asked(model: Result<std::sync::Arc<dyn Model>>) -> Probe {
    const CHECK: &str = "the model loads and answers";
    let asked = match model {
        Ok(model) => model.answer(&question(model.as_ref())).await,
        Err(error) => Err(error),
    };
    let (passed, meaning, advice) = match asked {
        Ok(answer) => (true, format!("with {} tokens", answer.usage.tokens_out), None),
        Err(error) => (false, error.to_string(), error.help().map(str::to_owned)),
    };
    Probe { findings: vec![Finding { check: CHECK, passed, meaning, advice }] }
}
