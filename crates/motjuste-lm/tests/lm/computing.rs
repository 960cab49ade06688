//! Computations through the model's public face.

use futures::future::join_all;
use motjuste::model::{
    Completion, Computation, Decoding, Exclude, FinishReason, Labelled, Lesson, Model, Policy,
    PolicyReply, PolicyRun, Request, Swap, SwapLoss, SwapReply, TRIGGER, Trigger,
};
use motjuste_lm::{OpenModel, Sequence};

use crate::support::tiny;

fn swap(model: &OpenModel, position: usize) -> Request {
    let row = |input: &str, answer: &str| Labelled {
        prompt: format!("{TRIGGER} {input}").as_str().into(),
        answer: answer.to_owned(),
    };
    let swap = Swap {
        trigger: Trigger::Tokens(model.encode("abc").unwrap()),
        position,
        candidates: 5,
        gradient: vec![row("cat", "meow"), row("dog", "bark")],
        evaluation: vec![row("cow", "moo")],
        loss: SwapLoss::Answer { answers: vec![] },
        exclude: Exclude::default(),
    };
    computed(Computation::Swap(swap))
}

fn policy(lessons: Vec<Lesson>) -> Request {
    let policy = Policy {
        seed: 1,
        length: 3,
        units: 8,
        residual: true,
        top_k: 9,
        fluent: Some(12),
        learning_rate: 1e-3,
        clip: 5.0,
        target_rate: 0.1,
    };
    computed(Computation::Policy(PolicyRun { policy, lessons, draws: 2, greedy: false }))
}

fn computed(computation: Computation) -> Request {
    let computation = Some(Box::new(computation));
    Request { computation, ..Request::new("the cat", Decoding::greedy(4)) }
}

#[tokio::test]
async fn computations_and_texts_are_answered_together_as_alone() {
    let model = tiny();
    assert!(model.abilities().gradients);
    let text = Request::new("the cat", Decoding::greedy(4));
    let refused = swap(&model, 3);
    let batch = [text, swap(&model, 1), refused, policy(vec![]), swap(&model, 2)];
    let together = model.complete(&batch).await;
    let alone = join_all(batch.iter().map(|request| model.answer(request))).await;
    for (index, (together, alone)) in together.iter().zip(&alone).enumerate() {
        match index {
            2 => assert!(together.as_ref().unwrap_err().to_string().contains("place 3 is outside")),
            _ => assert_eq!(together.as_ref().unwrap(), alone.as_ref().unwrap()),
        }
    }
}

#[tokio::test]
async fn the_loss_of_a_trigger_is_that_of_the_logits() {
    let model = tiny();
    let completion = model.answer(&swap(&model, 0)).await.unwrap();
    let reply: SwapReply = serde_json::from_str(&completion.text).unwrap();
    let (prompt, answer) = (model.encode("abc cow").unwrap(), model.encode(" moo").unwrap());
    let lost = |(i, &token): (usize, &u32)| {
        let tokens = [&prompt[..], &answer[..i]].concat();
        let logits = model.logits(&[Sequence { tokens, ..Sequence::default() }]).unwrap().remove(0);
        let sum: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
        sum.ln() - f64::from(logits[token as usize])
    };
    let lost: Vec<f64> = answer.iter().enumerate().map(lost).collect();
    assert!((reply.loss - lost.iter().sum::<f64>() / lost.len() as f64).abs() < 1e-5);
    let Completion { finish_reason, usage, .. } = completion;
    assert_eq!((finish_reason, usage.tokens_out), (FinishReason::Stop, 0));
    // Two rows for the gradient, and one with each of six triggers; the last token of an answer need not be read.
    let row = |input: &str, answer: &str| {
        model.encode(&format!("abc {input} {answer}")).unwrap().len() as u64 - 1
    };
    let read = row("cat", "meow") + row("dog", "bark") + 6 * row("cow", "moo");
    assert_eq!(usage.tokens_in, read);
    assert!(usage.tokens_in <= swap(&model, 0).worst_case().tokens_in);
}

#[tokio::test]
async fn a_policy_learns_through_requests() {
    let model = tiny();
    let reply =
        |completion: Completion| -> PolicyReply { serde_json::from_str(&completion.text).unwrap() };
    let first = reply(model.answer(&policy(vec![])).await.unwrap());
    assert_eq!((first.prompts.len(), first.loss), (2, None));
    let prompts = first.prompts.iter().map(|drawn| drawn.tokens.clone()).collect();
    let lesson = Lesson { prompts, rewards: vec![1.0, -1.0] };
    let completion = model.answer(&policy(vec![lesson.clone()])).await.unwrap();
    assert!(completion.usage.tokens_in <= policy(vec![lesson]).worst_case().tokens_in);
    let second = reply(completion);
    assert!(second.loss.unwrap() > 0.0);
    assert!(second.prompts.iter().all(|drawn| drawn.tokens.len() == 3));
    assert_ne!(first.prompts, second.prompts);
}
