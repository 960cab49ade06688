//! Published instances: `linear_regression.json`.

use std::path::Path;

use motjuste::{Error, Result};
use serde::Deserialize;

use super::instance::POINTS;
use super::{Instance, Pair};

#[derive(Deserialize)]
struct File {
    repeats: Vec<Repeat>,
}

#[derive(Deserialize)]
struct Repeat {
    noise: Vec<f64>,
    start_points: Vec<Pair>,
    settings: Vec<Setting>,
}

#[derive(Deserialize)]
struct Setting {
    w_true: f64,
    b_true: f64,
}

/// Every instance of the file, repeat by repeat, and within it setting by setting.
///
/// # Errors
/// [`Error::is_data`] when the file cannot be read or has another form.
pub fn load(path: &Path) -> Result<Vec<Instance>> {
    let bad = |what: String| {
        Error::data(format!("{}: {what}", path.display()))
            .with_help("give a file of repeats with noise, start_points and settings")
    };
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let file: File = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    if file.repeats.iter().any(|repeat| repeat.noise.len() != POINTS) {
        return Err(bad(format!("every repeat needs {POINTS} values of noise")));
    }
    Ok(file.repeats.iter().flat_map(instances).collect())
}

fn instances(repeat: &Repeat) -> impl Iterator<Item = Instance> {
    repeat.settings.iter().map(|setting| Instance {
        truth: [setting.w_true, setting.b_true],
        noise: repeat.noise.clone(),
        start: repeat.start_points.clone(),
    })
}
