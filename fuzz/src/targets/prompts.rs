//! Prompts of a person: placeholders, marks of what may change, conversations.

use motjuste::prompt::{Frame, conversation, placeholders};
use motjuste::task::{Example, Task};

use crate::memory::parts;

/// Three texts: a prompt, an instruction, an input.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let [prompt, instruction, input] = parts::<3>(&text);
    let _ = placeholders(prompt);
    if let Ok((frame, yours)) = Frame::of(prompt) {
        assert!(frame.around(instruction).contains(instruction) && prompt.contains(&yours));
    }
    if let Ok(value) = serde_json::from_str(input) {
        let _ = conversation(&value);
    }
    whole(prompt, instruction, input);
}

/// A task whose prompt it is.
fn whole(prompt: &str, instruction: &str, input: &str) {
    let row = |input: &str| vec![Example::new(input, ["x"])];
    let Ok(task) = Task::new("t", row("a"), row(input), row("c")) else { return };
    let _ = task.copied(instruction);
    let Ok(task) = task.with_start([prompt]) else { return };
    let _ = task.whole(instruction);
    let _ = task.in_words();
    let _ = task.templates().prompt(instruction, &task.dev()[0]);
}
