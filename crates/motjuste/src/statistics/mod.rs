//! The statistics that decide a comparison, as functions of plain numbers.
//!
//! | question | function |
//! |---|---|
//! | is one method better, on these tasks or on tasks like these | [`paired_difference`], [`mcnemar`] |
//! | of many methods, which differences are no luck | [`holm`] over the p-values |
//! | how good is a method | [`mean_score`], [`mean_ranks`], [`interquartile_mean`] |
//! | how fast is it | [`mean_curve`], [`calls_to_reach`] |
//! | how much does the choice flatter the answer | [`winners_curse`] |
//! | what could this experiment have told | [`smallest_difference`], [`Spread`], [`rows_to_tell`] |
//!
//! A task is a [`Block`](crate::interval::Block): seed by seed, a number for each row. Intervals are of 95 %,
//! tests two-sided. What is drawn is drawn from a named stream, so the same numbers give the same interval.

mod beta;
mod comparison;
mod curve;
mod holm;
mod interquartile_mean;
mod layout;
mod mcnemar;
mod normal;
mod power;
mod rank;
mod reach;
mod resample;
mod scope;
mod student;
mod winners_curse;

pub use comparison::{Comparison, mean_score, paired_difference, pairs};
pub use curve::{CurvePoint, Steps, calls_to, held, mean_curve};
pub use holm::holm;
pub use interquartile_mean::{InterquartileMean, interquartile_mean};
pub use mcnemar::{McNemar, discordant, mcnemar};
pub use power::{Plan, Spread, rows_to_tell, rows_to_tell_discordant, smallest_difference};
pub use rank::{MeanRank, mean_ranks, ranks};
pub use reach::{Attempt, CallsToReach, calls_to_reach};
pub use scope::Scope;
pub use student::{student_p_value, student_quantile};
pub use winners_curse::winners_curse;
