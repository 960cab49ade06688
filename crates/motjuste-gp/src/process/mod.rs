//! Gaussian processes: a model of points and outcomes, its likelihood, its fit, its posterior.
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | X, t | n × d, d | known points, a new point |
//! | y | n | outcomes, standardised |
//! | c | | constant prior mean |
//! | K | n × n | prior covariance of the signal at X |
//! | N | n × n | diagonal: n2, plus the known extra noise of a point |
//! | A | n × n | K + N |
//! | alpha | n | A^-1 (y - c) |
//!
//! [`Model`] says what is alike; [`Model::fit`] finds [`Hyperparameters`]; [`Model::posterior`]
//! predicts.

mod coupled_posterior;
mod fit;
mod hyper;
mod likelihood;
mod model;
mod plain_posterior;
mod posterior;
mod prediction;

pub use fit::{Fit, FitOptions};
pub use hyper::Hyperparameters;
pub use model::Model;
pub use posterior::Posterior;
pub use prediction::{MIN_VARIANCE, Prediction};

pub(crate) use plain_posterior::Joint;
