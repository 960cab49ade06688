//! What the pages say, as HTML: one file for each page, from data to text, without any input or output.

mod asked;
mod compare;
mod document;
mod error;
mod held_out;
mod lineage;
mod lines;
mod links;
mod matrix;
mod overview;
mod paging;
mod spark;
mod study;
mod trial;
mod words;

pub(crate) use asked::Asked;
pub(crate) use compare::compare;
pub(crate) use error::{needs_token, trouble};
pub(crate) use held_out::held_out;
pub(crate) use links::{Links, encoded};
pub(crate) use overview::overview;
pub(crate) use study::study;
pub(crate) use trial::trial;
