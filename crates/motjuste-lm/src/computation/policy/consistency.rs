//! The loss of soft Q-learning by path consistency (arXiv 1702.08892; RLPrompt, arXiv 2205.12548, section
//! 2.3; arXiv 2106.07704).
//!
//! With Q the logit of the token that was taken, V = log Σ e^logit, the advantage A = Q − V, V̄ the value by
//! the target network and the reward r at the end of a prompt of T tokens:
//!
//! - one step: (A_t − (V̄_{t+1} − V̄_t))² for t < T, and (A_T − (r − V̄_T))²;
//! - many steps: (Σ_{l ≥ t} A_l − (r − V̄_t))² for every t.
//!
//! The loss is the mean of the two, added over t and averaged over prompts. It depends on the policy by A
//! alone, with ∂A/∂logits = [taken] − softmax.

/// One prompt's path: its advantages, the target's values and what it earned.
#[derive(Debug, Clone)]
pub(super) struct Path<'a> {
    pub(super) advantages: &'a [f64],
    pub(super) target_values: &'a [f64],
    pub(super) reward: f64,
}

impl Path<'_> {
    /// The loss and its slopes in the advantages.
    pub(super) fn loss(&self) -> (f64, Vec<f64>) {
        let mut loss = 0.0;
        let mut slopes = Vec::with_capacity(self.advantages.len());
        let mut below = 0.0;
        for t in 0..self.advantages.len() {
            let (one, many) = (self.one_step(t), self.many_steps(t));
            loss += (one * one + many * many) / 2.0;
            // The error of many steps at t holds the advantages from t on.
            below += many;
            slopes.push(one + below);
        }
        (loss, slopes)
    }

    fn one_step(&self, t: usize) -> f64 {
        let next = self.target_values.get(t + 1).copied().unwrap_or(self.reward);
        self.advantages[t] - (next - self.target_values[t])
    }

    fn many_steps(&self, t: usize) -> f64 {
        self.advantages[t..].iter().sum::<f64>() - (self.reward - self.target_values[t])
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    fn value(logits: &[f64]) -> f64 {
        logits.iter().map(|logit| logit.exp()).sum::<f64>().ln()
    }

    /// Computed by hand: two prompts of two tokens over a vocabulary of three.
    #[test]
    fn the_loss_of_two_prompts_is_the_one_computed_by_hand() {
        let logits = [[[0.5, -1.0, 2.0], [1.0, 0.0, -0.5]], [[0.0, 0.0, 0.0], [2.0, 1.0, -1.0]]];
        let targets = [[[0.4, -0.9, 1.8], [1.1, 0.1, -0.4]], [[0.1, 0.0, -0.1], [1.5, 1.0, -0.5]]];
        let (actions, rewards) = ([[2, 0], [1, 2]], [3.0, -1.0]);
        let loss = |prompt: usize| {
            let places = logits[prompt].iter().zip(actions[prompt]);
            let advantages: Vec<f64> =
                places.map(|(logits, action)| logits[action] - value(logits)).collect();
            let target_values = targets[prompt].map(|logits| value(&logits));
            let path = Path {
                advantages: &advantages,
                target_values: &target_values,
                reward: rewards[prompt],
            };
            path.loss().0
        };
        assert!(((loss(0) + loss(1)) / 2.0 - 4.960_409_398).abs() < 1e-8);
    }

    #[test]
    fn slopes_are_finite_differences() {
        let (advantages, target_values) = ([-0.3, 0.8, -1.4], [0.5, 1.5, -0.25]);
        let loss = |advantages: &[f64]| {
            Path { advantages, target_values: &target_values, reward: 0.7 }.loss()
        };
        let slopes = loss(&advantages).1;
        for (t, slope) in slopes.iter().enumerate() {
            let moved = |by: f64| {
                let mut advantages = advantages;
                advantages[t] += by;
                loss(&advantages).0
            };
            assert!(((moved(1e-4) - moved(-1e-4)) / 2e-4 - slope).abs() < 1e-8);
        }
    }
}
