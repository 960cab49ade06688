//! Answers that the published comparisons find in replies.

use motjuste::metric::Mode;
use motjuste::metric::answer::{AnswerKind, Reply, second_round};

use crate::memory::{choice, parts};

const KINDS: [AnswerKind; 4] =
    [AnswerKind::Number, AnswerKind::Boolean, AnswerKind::Choice, AnswerKind::Text];

/// The first byte chooses the kind; then a question, the true answer and a reply.
pub fn run(data: &[u8]) {
    let (choice, rest) = choice(data);
    let text = String::from_utf8_lossy(rest);
    let [question, truth, reply] = parts::<3>(&text);
    let kind = KINDS[usize::from(choice & 3)];
    let second_round = choice & 4 != 0;
    let reply = Reply { text: reply, question, prompt: question, second_round };
    let _ = kind.score(&reply, truth, Mode::Strict);
    let _ = kind.score(&reply, truth, Mode::Compat);
    let _ = kind.boxed_score(&reply, truth);
    let _ = self::second_round(question, reply.text);
}
