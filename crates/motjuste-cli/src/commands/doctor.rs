//! `motjuste doctor`: are the models reachable, and do they do what a study needs.

use std::process::ExitCode;
use std::sync::Arc;

use motjuste::model::{Decoding, LanguageModel, Request};
use motjuste::{Error, Result};
use motjuste_lm::OpenModel;
use motjuste_remote::{Finding, Probe};

use crate::args::DoctorArgs;
use crate::summary;
use crate::wiring::Opener;

pub(crate) async fn doctor(args: DoctorArgs, json: bool) -> Result<ExitCode> {
    let models = &args.models;
    let target = &models.target;
    let mut opener = Opener::new(&target.local, &target.calls);
    let generator = match opener.served_generator(models)? {
        Some(served) => served.probe().await,
        None => local(opener.local(&models.generator)).await,
    };
    let answers =
        match opener.remote(&target.target, target.target_url.as_deref(), target.target_api)? {
            Some(remote) => remote.probe().await,
            None => local(opener.local(&target.target)).await,
        };
    let probes = [("generator", &models.generator, generator), ("target", &target.target, answers)];
    for (role, name, probe) in &probes {
        summary::probe(role, name, probe, json)?;
    }
    if probes.iter().all(|(_, _, probe)| probe.passed()) {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Error::model("a model does not do what a study needs")
        .with_help("see what is said beside each check that failed"))
}

/// A local model is loaded and asked once.
async fn local(model: Result<Arc<OpenModel>>) -> Probe {
    const CHECK: &str = "the model loads and answers";
    let asked = match model {
        Ok(model) => model.complete(&Request::new("Say yes.", Decoding::greedy(4))).await,
        Err(error) => Err(error),
    };
    let finding = match asked {
        Ok(answer) => Finding {
            check: CHECK,
            passed: true,
            meaning: format!("with {} tokens", answer.usage.tokens_out),
            advice: None,
        },
        Err(error) => Finding {
            check: CHECK,
            passed: false,
            meaning: error.to_string(),
            advice: error.help().map(str::to_owned),
        },
    };
    Probe { findings: vec![finding] }
}
