//! A model of your own: anything that answers requests.
#![allow(clippy::print_stdout, reason = "an example is a program")]

use async_trait::async_trait;
use motjuste::Result;
use motjuste::model::{Completion, Decoding, Model, Request};
use motjuste::usage::Usage;

/// Says what it is told, backwards.
struct Mirror;

#[async_trait]
impl Model for Mirror {
    fn id(&self) -> &str {
        "mirror@1"
    }

    /// One completion for each request, in order, in one attempt; repeating is the caller's business.
    async fn complete(&self, batch: &[Request]) -> Vec<Result<Completion>> {
        let one = |request: &Request| {
            let asked = request.text();
            let text: String = asked.chars().rev().take(request.decoding.max_tokens).collect();
            let usage = Usage { tokens_in: asked.len() as u64, tokens_out: text.len() as u64 };
            Ok(Completion { usage, ..Completion::of(text) })
        };
        batch.iter().map(one).collect()
    }
}

/// Asks it once.
#[tokio::main]
pub async fn main() -> Result<()> {
    let answer = Mirror.answer(&Request::new("stressed", Decoding::greedy(16))).await?;
    println!("{} ({} tokens)", answer.text, answer.usage.tokens_out);
    Ok(())
}
