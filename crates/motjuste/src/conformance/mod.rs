//! Conformance suites: what every implementation of a trait promises, as functions that check it.
//!
//! A suite returns an error that says which promise is broken, and how. It needs a Tokio runtime, best
//! one with several threads.
//!
//! | suite | for implementations of |
//! |---|---|
//! | [`journal`] | [`Journal`](crate::storage::Journal) |
//! | [`responses`] | [`Responses`](crate::storage::Responses) |
//! | [`studies()`] | both halves of a storage |
//! | [`method`] | [`Method`](crate::method::Method) |

mod bounds;
mod circle;
mod dying;
mod journal;
mod method;
mod responses;
mod sample;
mod studies;
mod world;

pub use circle::Circle;
pub use dying::Dying;
pub use journal::journal;
pub use method::method;
pub use responses::responses;
pub use studies::studies;
pub use world::World;

use std::fmt::Debug;

use crate::{Error, Result};

/// An error that names the promise, unless it is kept.
fn ensure(is_kept: bool, promise: &str) -> Result<()> {
    match is_kept {
        true => Ok(()),
        false => Err(Error::data(format!("a promise is broken: {promise}"))),
    }
}

/// An error that names the promise and shows both sides, unless they are equal.
fn equal<T: PartialEq + Debug>(found: &T, expected: &T, promise: &str) -> Result<()> {
    match found == expected {
        true => Ok(()),
        false => {
            let shown = |value: &T| format!("{value:?}").chars().take(300).collect::<String>();
            let (found, expected) = (shown(found), shown(expected));
            ensure(false, &format!("{promise}; found {found}, expected {expected}"))
        }
    }
}
