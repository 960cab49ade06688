//! The model inside the binary: trained by this project, a miniature that needs no download.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use motjuste::Result;

use crate::files::Files;
use crate::open_model::OpenModel;
use crate::options::LoadOptions;
use crate::source::Source;

macro_rules! model_file {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../model/embedded/", $name))
    };
}

/// The files that are compiled into the binary.
pub(crate) fn files() -> Result<Files<'static>> {
    Files::in_memory(
        model_file!("config.json"),
        model_file!("tokenizer.json"),
        model_file!("model.safetensors"),
    )
}

static LOADED: Mutex<Weak<OpenModel>> = Mutex::new(Weak::new());

impl OpenModel {
    /// The model that is compiled into the binary.
    ///
    /// It is loaded when first asked for and shared as long as anybody holds it.
    ///
    /// # Errors
    /// [`Error::is_model`](motjuste::Error::is_model) when the thread that runs it cannot start.
    ///
    /// ```
    /// use motjuste_lm::OpenModel;
    /// let model = OpenModel::embedded()?;
    /// assert!(model.description().id.starts_with("embedded@"));
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    pub fn embedded() -> Result<Arc<Self>> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = loaded.upgrade() {
            return Ok(model);
        }
        let model = Arc::new(Self::load(Source::Embedded, &LoadOptions::default())?);
        *loaded = Arc::downgrade(&model);
        Ok(model)
    }
}
