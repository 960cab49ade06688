//! What servers say when they refuse.

use motjuste_remote::fuzzing::refusal;

/// The bytes are the body.
pub fn run(data: &[u8]) {
    let (message, _) = refusal(data);
    assert!(message.chars().count() <= 310 && !message.contains('\u{1b}'), "{message:?}");
}
