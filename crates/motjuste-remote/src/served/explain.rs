//! What vLLM's and SGLang's refusals mean for whoever serves the model.

use motjuste::Error;

/// A phrase of the server's and what to do about it.
const ADVICE: [(&str, &str); 5] = [
    ("enable-prompt-embeds", "start the server with --enable-prompt-embeds"),
    ("disable-radix-cache", "start the server with --disable-radix-cache"),
    (
        "does not match the model's hidden_size",
        "the embedder's folder holds another model than the one that is served: give the folder of \
         the served model",
    ),
    (
        "not compatible with prompt embeds",
        "this is a fault in motjuste: it asked for something that cannot go with embeddings",
    ),
    ("Out of range float values", "restart the server: its cache is spoiled"),
];

/// The same error with advice for what servers are known to say.
pub(super) fn served(error: Error) -> Error {
    let message = error.to_string();
    let advice = ADVICE.iter().find(|(phrase, _)| message.contains(phrase));
    match advice {
        Some((_, help)) => error.with_help(*help),
        None => error,
    }
}
