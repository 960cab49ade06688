//! What a server of an open model answers, read without the server.

use motjuste::model::{Completion, Decoding};
use motjuste::usage::Usage;

use super::{chat, sglang, vllm};
use crate::protocol::Unread;

/// The body as each of the wires reads it, for two prompts.
pub(crate) fn read(body: &[u8], worst: Usage) -> [Result<Vec<Completion>, Unread>; 3] {
    let decoding = Decoding::greedy(16);
    [
        vllm::read(body, &[3, 5], &decoding),
        sglang::read(body, &[3, 5], &decoding),
        chat::read(body, worst),
    ]
}
