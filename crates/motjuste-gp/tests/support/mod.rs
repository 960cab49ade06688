//! Reads a file of reference cases and computes every field that a case expects.
//!
//! Shared by `tests/reference.rs` and `examples/reference_cases.rs`. A case carries inputs (`z`,
//! `z_test`, `scores` or `labels`, `h`, `hyper`, `jitter`, `kernel`) and `expect`, an object whose
//! fields are named below.

use motjuste_gp::acquisition::{expected_improvement, log_expected_improvement};
use motjuste_gp::kernel::{Matern52, agreement};
use motjuste_gp::prior::Prior;
use motjuste_gp::process::{Hyperparameters, Model, Posterior};
use motjuste_gp::standardise::standardise;
use motjuste_gp::{Mat, Points};
use serde_json::{Map, Value, json};

pub type Result<T> = std::result::Result<T, String>;

/// The cases of a file: either a list, or an object with the list under "cases".
pub fn read_cases(text: &str) -> Result<Vec<Value>> {
    let file: Value = serde_json::from_str(text).map_err(|e| format!("no JSON: {e}"))?;
    let list = file.get("cases").unwrap_or(&file).as_array();
    list.cloned().ok_or_else(|| "no list of cases under \"cases\"".to_owned())
}

/// The name of a case.
pub fn name(case: &Value) -> Result<&str> {
    case["name"].as_str().ok_or_else(|| "a case has no \"name\"".to_owned())
}

/// Every field under `expect`, computed.
pub fn compute(case: &Value) -> Result<Map<String, Value>> {
    let setting = Setting::read(case)?;
    let fields = case["expect"].as_object().ok_or("a case has no \"expect\"")?;
    fields.keys().map(|field| Ok((field.clone(), setting.field(field)?))).collect()
}

struct Setting {
    model: Model,
    points: Points,
    test: Points,
    hyper: Hyperparameters,
    y: Vec<f64>,
    best: f64,
    posterior: Posterior,
}

impl Setting {
    fn read(case: &Value) -> Result<Self> {
        let (points, test) = (rows(case, "z")?, rows(case, "z_test")?);
        let hyper = hyper(&case["hyper"])?;
        let jitter = number(&case["jitter"], "jitter")?;
        let coupled = |model: motjuste_gp::Result<Model>| {
            model.and_then(|m| m.with_jitter(jitter)).map_err(text)
        };
        let model = match case["kernel"].as_str() {
            Some("plain") => Model::plain(points.clone()).map_err(text)?,
            Some("coupled-scores") => {
                coupled(Model::coupled_by_scores(points.clone(), rows(case, "scores")?))?
            }
            Some("coupled-labels") => {
                coupled(agreement(&labels(case)?).and_then(|s| Model::coupled(points.clone(), s)))?
            }
            other => return Err(format!("unknown kernel {other:?}")),
        };
        let y = standardise(&numbers(&case["h"], "h")?).values;
        let best = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let posterior = model.posterior(&y, &hyper).map_err(text)?;
        Ok(Self { model, points, test, hyper, y, best, posterior })
    }

    fn field(&self, field: &str) -> Result<Value> {
        let hyper = &self.hyper;
        let gamma = |a, b| Prior::gamma(a, b).map_err(text);
        Ok(match field {
            "y" => json!(self.y),
            "best_f" => json!(self.best),
            "L" => matrix(
                &Matern52::ard(hyper.lengthscales.clone())
                    .map_err(text)?
                    .matrix(&self.points)
                    .map_err(text)?,
            ),
            "S" => {
                let kernel = self.model.coupled_kernel(hyper).map_err(text)?;
                matrix(kernel.ok_or("a plain case expects S")?.similarity())
            }
            "K" => matrix(&self.model.covariance(hyper).map_err(text)?),
            "loglik" => json!(self.model.log_likelihood(&self.y, hyper).map_err(text)?),
            "grad_loglik" => self.gradient()?,
            "logprior_ls_gamma_3_6" => {
                let prior = gamma(3.0, 6.0)?;
                let all = hyper.lengthscales.iter().chain(&hyper.outcome_lengthscales);
                json!(all.map(|ls| prior.log_density(*ls)).sum::<f64>())
            }
            "logprior_noise_gamma_1.1_0.05" => json!(gamma(1.1, 0.05)?.log_density(hyper.noise)),
            "logprior_noise_lognormal_-4_1" => {
                json!(Prior::log_normal(-4.0, 1.0).map_err(text)?.log_density(hyper.noise))
            }
            "prior_var" => {
                let each = self.test.rows().map(|t| self.posterior.prior_variance(t));
                json!(each.collect::<motjuste_gp::Result<Vec<_>>>().map_err(text)?)
            }
            "var_official_batch" => {
                json!(self.posterior.variance_official_batch(&self.test).map_err(text)?)
            }
            "mean" => self.predictions(|p| p.mean)?,
            "var" => self.predictions(|p| p.variance)?,
            "ei" => self.predictions(|p| expected_improvement(p, self.best))?,
            "log_ei" => self.predictions(|p| log_expected_improvement(p, self.best))?,
            other => return Err(format!("unknown field {other:?}")),
        })
    }

    fn predictions(&self, f: impl Fn(motjuste_gp::process::Prediction) -> f64) -> Result<Value> {
        let all = self.posterior.predict_batch(&self.test).map_err(text)?;
        Ok(json!(all.into_iter().map(f).collect::<Vec<_>>()))
    }

    fn gradient(&self) -> Result<Value> {
        let (_, g) = self.model.log_likelihood_gradient(&self.y, &self.hyper).map_err(text)?;
        let mut out = json!({
            "ls_z": g.lengthscales,
            "outputscale": [g.outputscale],
            "noise": [g.noise],
            "mean": [g.mean],
        });
        if !g.outcome_lengthscales.is_empty() {
            out["ls_v"] = json!(g.outcome_lengthscales);
        }
        Ok(out)
    }
}

fn hyper(value: &Value) -> Result<Hyperparameters> {
    let optional = |v: &Value| if v.is_null() { Ok(vec![]) } else { numbers(v, "ls_v") };
    Ok(Hyperparameters {
        lengthscales: numbers(&value["ls_z"], "ls_z")?,
        outcome_lengthscales: optional(&value["ls_v"])?,
        outputscale: number(&value["outputscale"], "outputscale")?,
        noise: number(&value["noise"], "noise")?,
        mean: number(&value["mean"], "mean")?,
    })
}

fn rows(case: &Value, field: &str) -> Result<Points> {
    let rows = case[field].as_array().ok_or_else(|| format!("no list under {field:?}"))?;
    let rows: Result<Vec<_>> = rows.iter().map(|row| numbers(row, field)).collect();
    Points::from_rows(&rows?).map_err(|e| format!("{field}: {e}"))
}

fn labels(case: &Value) -> Result<Vec<Vec<String>>> {
    let rows = case["labels"].as_array().ok_or("no list under \"labels\"")?;
    let row = |row: &Value| -> Result<Vec<String>> {
        let row = row.as_array().ok_or("a row of labels is no list")?;
        Ok(row.iter().map(Value::to_string).collect())
    };
    rows.iter().map(row).collect()
}

/// One number, or a list of one.
fn number(value: &Value, what: &str) -> Result<f64> {
    let value = value.get(0).unwrap_or(value);
    value.as_f64().ok_or_else(|| format!("{what} is no number"))
}

fn numbers(value: &Value, what: &str) -> Result<Vec<f64>> {
    let list = value.as_array().ok_or_else(|| format!("{what} is no list of numbers"))?;
    list.iter().map(|v| number(v, what)).collect()
}

fn matrix(m: &Mat<f64>) -> Value {
    let row = |i: usize| (0..m.ncols()).map(|j| m[(i, j)]).collect::<Vec<_>>();
    json!((0..m.nrows()).map(row).collect::<Vec<_>>())
}

fn text(error: motjuste_gp::Error) -> String {
    error.to_string()
}
