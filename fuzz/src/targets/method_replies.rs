//! What methods find in a generator's replies.

use motjuste::history::{Ask, History, Part, Proposal, Reply, Step};
use motjuste::method::opro::{Slot, bracketed, polish, tagged, text_tag};
use motjuste::method::{Chat, Method, Opro, Uniform};
use motjuste::model::{Decoding, FinishReason};

use crate::memory::{choice, parts};

/// The first byte chooses why the reply ended; then what it was asked with, and two replies.
pub fn run(data: &[u8]) {
    let (choice, rest) = choice(data);
    let text = String::from_utf8_lossy(rest);
    let [asked, first, second] = parts::<3>(&text);
    let ask = Ask::new(vec![Part::Text(asked.to_owned())], Decoding::greedy(64));
    let asked = [Proposal::Ask(Box::new(ask.clone())), Proposal::Ask(Box::new(ask))];
    let reasons = [FinishReason::Stop, FinishReason::Length, FinishReason::Filter];
    let finish_reason = reasons[usize::from(choice) % 3];
    let replies = [first, second].map(|text| Reply { finish_reason, ..Reply::of(text) });
    let mut history = History::scored_on(vec![0]);
    for _ in 0..2 {
        for method in methods() {
            let readings = method.read(&history, &asked, &replies);
            assert!(readings.len() <= replies.len());
        }
        history.push(Step::default());
    }
    by_hand(first);
}

fn methods() -> [Box<dyn Method>; 5] {
    let opro = [Opro::gsm8k(), Opro::bbh(), Opro::mmlu()];
    let [a, b, c] = opro.map(|opro| Box::new(opro) as Box<dyn Method>);
    [a, b, c, Box::new(Chat::default()), Box::new(Uniform::default())]
}

fn by_hand(reply: &str) {
    for period in [true, false] {
        let _ = polish(reply, period);
    }
    let _ = (bracketed(reply), text_tag(reply), tagged(reply, Slot::Ins));
}
