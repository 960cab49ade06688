//! The models inside the binary: trained by this project, miniatures that need no download.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use motjuste::Result;
use motjuste_embedded::{INSTRUCTIONS, PAIRS, TOURS};

use crate::embedder::PromptEmbedder;
use crate::open_model::OpenModel;
use crate::options::{LoadOptions, Precision};
use crate::source::Source;

/// A model that is compiled into the binary.
///
/// ```
/// use motjuste_lm::Embedded;
/// let model = Embedded::Pairs.open()?;
/// assert!(model.description().id.starts_with("embedded-pairs@"));
/// assert_eq!(Embedded::named("embedded-pairs"), Some(Embedded::Pairs));
/// # Ok::<(), motjuste::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embedded {
    /// Writes instructions and follows them.
    Instructions,
    /// Reads the meta-prompt of linear regression and proposes a pair (w, b); it knows nothing else.
    Pairs,
    /// Reads the meta-prompt of the travelling salesman and proposes a tour of up to ten points; it knows nothing else.
    Tours,
}

impl Embedded {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Instructions, Self::Pairs, Self::Tours];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Instructions => "embedded",
            Self::Pairs => "embedded-pairs",
            Self::Tours => "embedded-tours",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|embedded| embedded.name() == name)
    }

    /// The model. It is loaded when first asked for and shared as long as anybody holds it.
    ///
    /// # Errors
    /// [`Error::is_model`](motjuste::Error::is_model) when the thread that runs it cannot start.
    pub fn open(self) -> Result<Arc<OpenModel>> {
        let mut loaded = self.loaded().lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = loaded.upgrade() {
            return Ok(model);
        }
        let model = Arc::new(OpenModel::load(
            self.source(),
            &LoadOptions { precision: Precision::F32, ..LoadOptions::default() },
        )?);
        *loaded = Arc::downgrade(&model);
        Ok(model)
    }

    /// Its reading end.
    ///
    /// # Errors
    /// Never, unless the binary is damaged.
    pub fn embedder(self) -> Result<PromptEmbedder> {
        PromptEmbedder::load(&self.source(), &LoadOptions::default())
    }

    fn source(self) -> Source {
        let files = match self {
            Self::Instructions => INSTRUCTIONS,
            Self::Pairs => PAIRS,
            Self::Tours => TOURS,
        };
        Source::Embedded(self.name(), files)
    }

    fn loaded(self) -> &'static Mutex<Weak<OpenModel>> {
        static INSTRUCTIONS: Mutex<Weak<OpenModel>> = Mutex::new(Weak::new());
        static PAIRS: Mutex<Weak<OpenModel>> = Mutex::new(Weak::new());
        static TOURS: Mutex<Weak<OpenModel>> = Mutex::new(Weak::new());
        match self {
            Self::Instructions => &INSTRUCTIONS,
            Self::Pairs => &PAIRS,
            Self::Tours => &TOURS,
        }
    }
}

impl OpenModel {
    /// The embedded model that writes instructions and follows them: [`Embedded::Instructions`].
    ///
    /// # Errors
    /// As [`Embedded::open`].
    ///
    /// ```
    /// use motjuste_lm::OpenModel;
    /// let model = OpenModel::embedded()?;
    /// assert!(model.description().id.starts_with("embedded@"));
    /// # Ok::<(), motjuste::Error>(())
    /// ```
    pub fn embedded() -> Result<Arc<Self>> {
        Embedded::Instructions.open()
    }
}
