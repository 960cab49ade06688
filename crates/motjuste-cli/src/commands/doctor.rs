//! `motjuste doctor`: are the models reachable, and do they do what a study needs.

use std::process::ExitCode;

use motjuste::model::{Parameters, RoleParameters};
use motjuste::{Error, Result};

use crate::args::DoctorArgs;
use crate::{summary, wiring};

pub(crate) async fn doctor(args: DoctorArgs, json: bool) -> Result<ExitCode> {
    let models = &args.models;
    let target = &models.target;
    let mut opener = wiring::opener(&target.local, &target.calls)?;
    let writer = wiring::writer_name(models, &RoleParameters::default());
    let role = wiring::role(models);
    let generator = opener.probe_generator(&writer, models.embedder.as_deref(), role).await?;
    let answers = opener.probe(&wiring::target_name(target, &Parameters::default())).await?;
    let probes = [("generator", &writer.name, generator), ("target", &target.target, answers)];
    for (role, name, probe) in &probes {
        summary::probe(role, name, probe, json)?;
    }
    if probes.iter().all(|(_, _, probe)| probe.passed()) {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Error::model("a model does not do what a study needs")
        .with_help("see what is said beside each check that failed"))
}
