//! What can be chosen when a model is loaded.

/// How the weights of linear maps are kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// 32 bits: what the checkpoint says, exactly.
    #[default]
    F32,
    /// 9 bits: GGML's block format `Q8_0`, 32 weights of 8 bits and a scale. A map whose rows are
    /// not a multiple of 32 long stays in 32 bits.
    Q8_0,
}

/// What can be chosen when a model is loaded.
///
/// ```
/// use motjuste_lm::{LoadOptions, OpenModel, Precision};
/// let options = LoadOptions { precision: Precision::Q8_0 };
/// let error = OpenModel::from_folder_with("no/such/folder", &options).err();
/// assert!(error.is_some());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadOptions {
    /// How the weights of linear maps are kept in memory.
    pub precision: Precision,
}
