//! A model and options from the command line of an example: `MODEL [--precision as-stored|f32|q8_0] [--activations 16|8] …`.

use std::collections::HashMap;
use std::error::Error;
use std::path::PathBuf;
use std::str::FromStr;

use motjuste_lm::{Activations, LoadOptions, OpenModel, Precision};

/// What stands on the command line: the model's folder or GGUF file, then options by name.
pub struct Arguments {
    path: PathBuf,
    options: HashMap<String, String>,
}

impl Arguments {
    /// Of this process.
    pub fn read() -> Result<Self, Box<dyn Error>> {
        let mut arguments = std::env::args().skip(1);
        let path = arguments.next().ok_or("say which model to load")?.into();
        let rest: Vec<String> = arguments.collect();
        let options = rest.as_chunks().0.iter().cloned().map(|[key, value]| (key, value)).collect();
        Ok(Self { path, options })
    }

    /// The value of an option, or its default.
    pub fn get<T: FromStr>(&self, key: &str, default: T) -> Result<T, T::Err> {
        self.options.get(key).map_or(Ok(default), |value| value.parse())
    }

    /// The model.
    pub fn load(&self) -> Result<OpenModel, Box<dyn Error>> {
        let options = LoadOptions {
            precision: precision(&self.get("--precision", "f32".to_owned())?)?,
            activations: activations(self.get("--activations", 16)?)?,
            ..LoadOptions::default()
        };
        Ok(match self.path.is_dir() {
            true => OpenModel::from_folder(&self.path, &options)?,
            false => OpenModel::from_gguf(&self.path, &options)?,
        })
    }
}

fn precision(name: &str) -> Result<Precision, String> {
    match name {
        "as-stored" => Ok(Precision::AsStored),
        "f32" => Ok(Precision::F32),
        "q8_0" => Ok(Precision::Q8_0),
        other => Err(format!("--precision {other} is none of as-stored, f32 and q8_0")),
    }
}

fn activations(bits: u8) -> Result<Activations, String> {
    match bits {
        16 => Ok(Activations::Sixteen),
        8 => Ok(Activations::Eight),
        other => Err(format!("--activations {other} is neither 16 nor 8")),
    }
}
