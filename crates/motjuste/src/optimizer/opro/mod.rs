//! OPRO (Yang et al., arXiv 2309.03409): a language model reads the best instructions so far with
//! their scores and writes better ones.

mod layout;
mod reply;
mod score;

pub use layout::{Layout, Position, Slot};
pub use reply::{bracketed, md5_key, polish, tagged, text_tag};
pub use score::{bucketize, rounded};
