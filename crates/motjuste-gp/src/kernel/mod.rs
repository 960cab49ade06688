//! Covariance functions.
//!
//! [`Matern52`] knows points, [`agreement`] knows lists of labels, and [`Coupled`] joins the two:
//! points are as alike as the outcomes they lead to.

mod agreement;
mod coupled;
mod matern;

pub use agreement::agreement;
pub use coupled::Coupled;
pub(crate) use coupled::{Precision, check_similarity};
pub use matern::Matern52;
