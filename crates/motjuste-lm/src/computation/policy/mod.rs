//! A policy over prompts, and prompts drawn from it (RLPrompt, arXiv 2205.12548).
//!
//! The policy writes tokens behind a start text. Its logits are W m(h), with h the frozen model's state
//! behind the final norm, m a network of one hidden layer ([`network`]) and W the frozen output matrix
//! ([`actions`]). It learns from lessons, prompts and their rewards, by path consistency ([`consistency`]):
//! the gradient runs through W and m, and stops at h.
//!
//! **State.** A policy is a pure function of its settings, of the start text and of the lessons so far
//! ([`state`]). The newest states are kept ([`memory`]), so that one more lesson costs one lesson; where none
//! is kept, all lessons are learnt again, to the same bits.
//!
//! **What differs from the published code.** Special tokens are no actions: a text cannot hold them. The
//! tokens of a prompt are fed back as they are, where the code writes each as text and reads it again.

mod actions;
mod consistency;
mod draw;
mod memory;
mod network;
mod state;
#[cfg(test)]
mod tests;

use motjuste::model::{Drawn, Lesson, Policy, PolicyReply, PolicyRun, Prompt};
use motjuste::{Error, Result};

use super::Reply;
use super::open::Open;
use actions::Actions;
pub(super) use memory::Policies;

pub(super) fn answer(
    open: &Open,
    policies: &Policies,
    prompt: &Prompt,
    run: &PolicyRun,
) -> Result<Reply<PolicyReply>> {
    let start = open.text.read(prompt)?.tokens;
    check(open, run, &start)?;
    let actions = Actions::new(open, &run.policy, &start);
    let state = policies.learnt(&actions, &run.lessons)?;
    let drawn = draw::draw(&actions, run, &state);
    let written = |tokens: Vec<u32>| {
        // The space in front is the prompt's, which goes on in words of its own.
        let text = open.text.tokenizer.decode(&tokens)?.trim_start().to_owned();
        Ok(Drawn { tokens, text })
    };
    let prompts = drawn.into_iter().map(written).collect::<Result<_>>()?;
    Ok((PolicyReply { prompts, loss: state.loss }, read(run, &start)))
}

/// How many tokens are read where the lessons but the newest are learnt already.
fn read(run: &PolicyRun, start: &[u32]) -> usize {
    let newest = run.lessons.last().map_or(0, |lesson| lesson.prompts.len());
    start.len() + (newest + run.draws) * run.policy.length
}

fn check(open: &Open, run: &PolicyRun, start: &[u32]) -> Result<()> {
    open.check(start)?;
    check_policy(&run.policy)?;
    let (context, tokens) = (open.decoder.config.context, start.len() + run.policy.length);
    if tokens > context {
        return Err(Error::model(format!(
            "a start text of {} tokens and a prompt of {} do not fit into the model's context of {context}",
            start.len(),
            run.policy.length
        ))
        .with_help("shorten the start text, or draw shorter prompts"));
    }
    run.lessons.iter().try_for_each(|lesson| check_lesson(open, &run.policy, lesson))
}

fn check_policy(policy: &Policy) -> Result<()> {
    let counts = [
        ("length", policy.length),
        ("units", policy.units),
        ("top_k", policy.top_k),
        ("fluent", policy.fluent.unwrap_or(1)),
    ];
    if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
        return Err(
            Error::configuration(format!("the policy's {name} is 0")).with_help("it is at least 1")
        );
    }
    let numbers = [
        ("learning_rate", policy.learning_rate),
        ("clip", policy.clip),
        ("target_rate", policy.target_rate),
    ];
    match numbers.iter().find(|(_, number)| !(number.is_finite() && *number >= 0.0)) {
        None => Ok(()),
        Some((name, number)) => {
            Err(Error::configuration(format!("the policy's {name} of {number} is no number ≥ 0"))
                .with_help(
                    "the paper has 5e-5, 5 and 0.001 for learning_rate, clip and target_rate",
                ))
        }
    }
}

fn check_lesson(open: &Open, policy: &Policy, lesson: &Lesson) -> Result<()> {
    let (prompts, rewards) = (lesson.prompts.len(), lesson.rewards.len());
    if prompts == 0 || prompts != rewards {
        return Err(Error::configuration(format!(
            "a lesson has {prompts} prompts and {rewards} rewards"
        ))
        .with_help("give every prompt one reward"));
    }
    if let Some(reward) = lesson.rewards.iter().find(|reward| !reward.is_finite()) {
        return Err(Error::configuration(format!("a reward is {reward}"))
            .with_help("rewards are finite numbers"));
    }
    if let Some(prompt) = lesson.prompts.iter().find(|prompt| prompt.len() != policy.length) {
        return Err(Error::configuration(format!(
            "a prompt of a lesson has {} tokens, where the policy's have {}",
            prompt.len(),
            policy.length
        ))
        .with_help("teach a policy with prompts of its own length"));
    }
    lesson.prompts.iter().try_for_each(|prompt| open.check_known(prompt))
}
