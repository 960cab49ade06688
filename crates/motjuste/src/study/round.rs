//! One round: what the optimizer asks for, what the generator writes, what is paid for.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use futures::StreamExt;
use futures::stream;
use rand::seq::index::sample;

use super::{Observer, Study};
use crate::budget::{Role, StopReason};
use crate::history::Round;
use crate::model::{Decoding, Generation, GenerationRequest};
use crate::optimizer::opro::MetaPrompt;
use crate::proposal::{Proposal, SoftPrompt};
use crate::task::Example;
use crate::trial::{Evaluation, Trial, TrialState};
use crate::usage::{Cost, Usage};
use crate::{Error, Result};

/// What one turn of the loop came to.
pub(super) struct Step {
    /// The round, where at least one of its trials could be evaluated.
    pub round: Option<Round>,
    /// Why the search ends with it.
    pub end: Option<StopReason>,
}

impl Study {
    /// The next round. A round that the last budget cut is completed first.
    pub(super) async fn step(&mut self, observer: &dyn Observer) -> Result<Step> {
        let cut = self.outcome.history.rounds().last().filter(|last| last.is_cut()).cloned();
        let round = match cut {
            Some(round) => round,
            None => match self.new_round(observer).await? {
                Ok(round) => round,
                Err(reason) => return Ok(Step { round: None, end: Some(reason) }),
            },
        };
        self.evaluate(round).await
    }

    /// Trials selected and not yet evaluated; or why there are none.
    async fn new_round(&mut self, observer: &dyn Observer) -> Result<Result<Round, StopReason>> {
        let index = self.outcome.history.rounds().len();
        let mut stream = self.streams.stream("ask", index as u64);
        let mut proposals = self.optimizer.ask(&self.outcome.history, &mut stream)?;
        if proposals.is_empty() {
            return Ok(Err(StopReason::Finished));
        }
        if let Some(reason) = self.keep_affordable(&mut proposals)? {
            return Ok(Err(reason));
        }
        observer.generating(index, proposals.len());
        let generations = self.generate(&proposals).await?;
        let selected = self.optimizer.select(&self.outcome.history, &generations);
        let trials = self.trials(index, &proposals, &generations, &selected);
        Ok(Ok(Round { index, proposals, generations, trials }))
    }

    /// Drops proposals from the first one on that the generator's budget does not cover.
    fn keep_affordable(&self, proposals: &mut Vec<Proposal>) -> Result<Option<StopReason>> {
        let mut total = Cost::default();
        for (index, proposal) in proposals.iter().enumerate() {
            let Some(request) = self.generation_request(proposal)? else { continue };
            total = total + self.generator.road.cost(1, request.worst_case());
            if let Some(reason) = self.meter.ledger().refusal(Role::Generator, total) {
                proposals.truncate(index);
                return Ok(proposals.is_empty().then_some(reason));
            }
        }
        Ok(None)
    }

    fn generation_request(&self, proposal: &Proposal) -> Result<Option<GenerationRequest>> {
        Ok(match proposal {
            Proposal::SoftPrompt(soft_prompt) => Some(self.soft_prompt_request(soft_prompt)?),
            Proposal::MetaPrompt(asked) => Some(self.meta_prompt_request(asked)?),
            Proposal::Pooled(_) | Proposal::Instruction(_) => None,
        })
    }

    pub(super) fn meta_prompt_request(&self, asked: &MetaPrompt) -> Result<GenerationRequest> {
        Ok(GenerationRequest {
            soft_prompt: None,
            prompt: asked.text(&self.evaluator.task.dev)?,
            decoding: asked.decoding(),
            features: false,
        })
    }

    fn soft_prompt_request(&self, soft_prompt: &SoftPrompt) -> Result<GenerationRequest> {
        let shown = self.brief.demonstrations(soft_prompt.demonstrations);
        Ok(GenerationRequest {
            soft_prompt: Some(soft_prompt.clone()),
            prompt: self.evaluator.task.templates.induce(&shown)?,
            decoding: Decoding::greedy(self.config.generator.max_tokens),
            features: self.config.method.wants_features(),
        })
    }

    async fn generate(&self, proposals: &[Proposal]) -> Result<Vec<Generation>> {
        let mut requests = Vec::new();
        for proposal in proposals {
            requests.extend(self.generation_request(proposal)?);
        }
        let mut written = self.generator.generate(&requests).await?.into_iter();
        let generations = proposals.iter().map(|proposal| match proposal {
            Proposal::SoftPrompt(_) | Proposal::MetaPrompt(_) => written.next(),
            Proposal::Pooled(id) => {
                let (_, pooled) = self.outcome.history.generation(*id)?;
                Some(without_cost(&pooled.text))
            }
            Proposal::Instruction(text) => Some(without_cost(text)),
        });
        generations.collect::<Option<_>>().ok_or_else(|| {
            Error::configuration("the optimizer proposed a generation that is not in the history")
        })
    }

    fn trials(
        &self,
        round: usize,
        proposals: &[Proposal],
        generations: &[Generation],
        selected: &[usize],
    ) -> Vec<Trial> {
        let first_id = self.outcome.history.trials().count();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let trial = |(offset, &index): (usize, &usize)| {
            let text = self.optimizer.instruction(&proposals[index], &generations[index].text);
            let id = first_id + offset;
            let earlier = self.outcome.history.find(&text).map(|trial| trial.id);
            let repeats = earlier.or_else(|| match seen.entry(text.clone()) {
                Entry::Occupied(first) => Some(*first.get()),
                Entry::Vacant(place) => {
                    place.insert(id);
                    None
                }
            });
            Trial {
                id,
                round,
                state: TrialState::Waiting,
                instruction: text,
                soft_prompt: self.soft_prompt(&proposals[index]).cloned(),
                evaluation: None,
                repeats,
            }
        };
        selected.iter().enumerate().map(trial).collect()
    }

    fn soft_prompt<'a>(&'a self, proposal: &'a Proposal) -> Option<&'a SoftPrompt> {
        match proposal {
            Proposal::SoftPrompt(soft_prompt) => Some(soft_prompt),
            Proposal::Pooled(id) => match self.outcome.history.generation(*id)? {
                (Proposal::SoftPrompt(soft_prompt), _) => Some(soft_prompt),
                _ => None,
            },
            Proposal::MetaPrompt(_) | Proposal::Instruction(_) => None,
        }
    }

    /// Evaluates the waiting trials that the budget covers at their worst case, in order: so which
    /// trials those are never depends on which call comes back first.
    async fn evaluate(&self, mut round: Round) -> Result<Step> {
        let (admitted, mut end) = self.admit(&round)?;
        let (repeats, paid): (Vec<usize>, Vec<usize>) =
            admitted.iter().partition(|&&place| round.trials[place].repeats.is_some());
        for (place, evaluation) in self.scores(&round, paid).await {
            match evaluation {
                Ok(evaluation) => complete(&mut round.trials[place], evaluation),
                // Repeated attempts used up what was left; the trial waits for a larger budget.
                Err(error) => end = Some(error.stop_reason().ok_or(error)?),
            }
        }
        for place in repeats {
            if let Some(evaluation) = self.evaluation_of(round.trials[place].repeats, &round) {
                complete(&mut round.trials[place], evaluation);
            }
        }
        let is_waiting = |trial: &Trial| trial.state == TrialState::Waiting;
        let has_advanced = !admitted.iter().all(|&place| is_waiting(&round.trials[place]));
        Ok(Step { round: (has_advanced || end.is_none()).then_some(round), end })
    }

    /// The places of the waiting trials that the budget covers, and what stops the others.
    fn admit(&self, round: &Round) -> Result<(Vec<usize>, Option<StopReason>)> {
        let ledger = self.meter.ledger();
        let done = self.outcome.history.evaluated_trials();
        let trials_left = ledger.budget().trials.map(|limit| limit as usize - done);
        let mut admitted = Vec::new();
        let mut total = Cost::default();
        for (place, trial) in round.trials.iter().enumerate() {
            if trial.state != TrialState::Waiting {
                continue;
            }
            if trials_left.is_some_and(|left| admitted.len() >= left) {
                return Ok((admitted, Some(StopReason::Trials)));
            }
            if trial.repeats.is_none() {
                total = total + self.worst_case(trial)?;
            }
            if let Some(reason) = ledger.refusal(Role::Target, total) {
                return Ok((admitted, Some(reason)));
            }
            admitted.push(place);
        }
        Ok((admitted, None))
    }

    /// The most that a trial can cost; the number of its calls alone where the budget asks for nothing
    /// else, because every prompt has to be written out to know more.
    fn worst_case(&self, trial: &Trial) -> Result<Cost> {
        let examples = self.dev_examples(Some(trial.id));
        if !self.meter.ledger().budget().caps_usage() {
            let calls = examples.len() as u64 * self.evaluator.answering.sampling.calls();
            return Ok(Cost { calls, ..Cost::default() });
        }
        let examples: Vec<&Example> = examples.iter().map(|(_, example)| *example).collect();
        self.worst_case_of(&trial.instruction, &examples)
    }

    /// The most that scoring `instruction` on `examples` can cost.
    pub(super) fn worst_case_of(&self, instruction: &str, examples: &[&Example]) -> Result<Cost> {
        Ok(self.evaluator.worst_case(instruction, examples, self.meter.policy())?.total())
    }

    /// The evaluations of some trials, in order. So many of them are begun at a time as keep the wire
    /// busy: the first calls leave before the last prompts are written out.
    async fn scores(&self, round: &Round, places: Vec<usize>) -> Vec<(usize, Result<Evaluation>)> {
        let calls = self.config.task.dev * self.evaluator.answering.sampling.calls() as usize;
        let at_a_time = 1 + (2 * self.meter.policy().concurrency).div_ceil(calls.max(1));
        let score = async |place: usize| (place, self.score(&round.trials[place]).await);
        let scores = stream::iter(places).map(score).buffer_unordered(at_a_time);
        let mut scores: Vec<_> = scores.collect().await;
        scores.sort_by_key(|(place, _)| *place);
        scores
    }

    async fn score(&self, trial: &Trial) -> Result<Evaluation> {
        self.evaluator.evaluate(&trial.instruction, &self.dev_examples(Some(trial.id))).await
    }

    /// The dev examples that score a trial, with their places in the split: the same for every trial,
    /// unless the method redraws them.
    pub(super) fn dev_examples(&self, trial: Option<usize>) -> Vec<(usize, &Example)> {
        let dev = &self.evaluator.task.dev;
        let draw = trial.filter(|_| self.config.method.redraws_dev()).map_or(0, |id| id as u64 + 1);
        let mut stream = self.streams.stream("dev", draw);
        let mut places = sample(&mut stream, dev.len(), self.config.task.dev).into_vec();
        places.sort_unstable();
        places.into_iter().map(|place| (place, &dev[place])).collect()
    }

    /// The evaluation of the trial that another repeats; none while that one waits itself.
    fn evaluation_of(&self, first: Option<usize>, round: &Round) -> Option<Evaluation> {
        let mut trials = self.outcome.history.trials().chain(&round.trials);
        trials.find(|trial| Some(trial.id) == first)?.evaluation.clone()
    }
}

fn complete(trial: &mut Trial, evaluation: Evaluation) {
    trial.state = TrialState::Complete;
    trial.evaluation = Some(evaluation);
}

fn without_cost(text: &str) -> Generation {
    Generation { text: text.to_owned(), features: Vec::new(), usage: Usage::default() }
}
