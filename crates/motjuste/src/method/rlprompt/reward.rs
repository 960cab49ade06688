//! What the prompts of a step earn (RLPrompt, arXiv 2205.12548, section 2.4).

/// What keeps a step in which all prompts are alike from a division by 0.
const LEAST_DEVIATION: f64 = 1e-4;

/// How many standard deviations each value is above the mean of all: z = (r − mean) / (sd + 1e-4), with the deviation of the
/// population (equation 7 of the paper; the constant is the published code's).
///
/// ```
/// use motjuste::method::reward::standardised;
/// assert_eq!(standardised(&[0.25, 0.25]), [0.0, 0.0]);
/// ```
pub fn standardised(values: &[f64]) -> Vec<f64> {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let deviation = variance.sqrt() + LEAST_DEVIATION;
    values.iter().map(|value| (value - mean) / deviation).collect()
}

/// The straight line that takes 0 to `low` and 1 to `high`, beyond both as well.
///
/// ```
/// use motjuste::method::reward::stretched;
/// assert_eq!(stretched(1.5, -20.0, 80.0), 130.0);
/// ```
pub fn stretched(value: f64, low: f64, high: f64) -> f64 {
    low + (high - low) * value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rlprompt_reward` of the numbers computed by hand from the published formulas.
    #[test]
    fn rewards_are_those_of_the_published_formulas() {
        let z = standardised(&[10.0, 20.0, 30.0, 40.0]);
        let close = |found: &[f64], expected: &[f64]| {
            let off = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
            assert!(found.len() == expected.len() && off.fold(0.0, f64::max) < 1e-12, "{found:?}");
        };
        close(
            &z,
            &[-1.341628786607204, -0.4472095955357347, 0.4472095955357347, 1.341628786607204],
        );
        let to = |low, high| z.iter().map(|z| stretched(*z, low, high)).collect::<Vec<_>>();
        let classes =
            [-6.708143933036021, -2.2360479776786732, 2.2360479776786732, 6.708143933036021];
        close(&to(0.0, 5.0), &classes);
        let styles =
            [-154.1628786607204, -64.72095955357346, 24.720959553573472, 114.1628786607204];
        close(&to(-20.0, 80.0), &styles);
    }

    #[test]
    fn alike_prompts_earn_nothing() {
        assert_eq!(standardised(&[0.5; 8]), [0.0; 8]);
        assert_eq!(standardised(&[0.7]), [0.0]);
        assert!(standardised(&[]).is_empty());
    }
}
