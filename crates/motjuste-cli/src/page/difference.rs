//! Whether one instruction is better than another, as far as the examples can tell.

use motjuste::interval::Estimate;

/// The difference of two mean scores with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Difference {
    /// The first mean less the second.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl Difference {
    /// `a` less `b`, from the intervals of both (Newcombe 1998, Statistics in Medicine 17,
    /// pp. 873-890, method 10; for other means than proportions Zou and Donner 2008):
    ///
    /// θ = a − b, low = θ − √((a − l_a)² + (u_b − b)²), high = θ + √((u_a − a)² + (b − l_b)²),
    ///
    /// where l and u are the ends of each interval. It takes the two samples for independent. Two
    /// instructions answer the same examples, mostly the same way, so the interval errs on the
    /// wide side.
    pub(super) fn of(a: &Estimate, b: &Estimate) -> Self {
        let value = a.score - b.score;
        let below = (a.score - a.low).hypot(b.high - b.score);
        let above = (a.high - a.score).hypot(b.score - b.low);
        Self { value, low: value - below, high: value + above }
    }

    /// Whether the interval lies above zero.
    pub(super) fn is_above(&self) -> bool {
        self.low > 0.0
    }

    /// Whether the interval lies below zero.
    pub(super) fn is_below(&self) -> bool {
        self.high < 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proportion(hits: usize, n: usize) -> Estimate {
        let scores: Vec<f64> = (0..n).map(|place| f64::from(u8::from(place < hits))).collect();
        Estimate::of(&scores)
    }

    /// Newcombe 1998, table II, method 10, columns a, d and h.
    #[test]
    fn the_interval_agrees_with_newcombes_table() {
        for (a, b, low, high) in [
            (proportion(56, 70), proportion(48, 80), 0.0524, 0.3339),
            (proportion(5, 56), proportion(0, 29), -0.0381, 0.1926),
            (proportion(10, 10), proportion(0, 10), 0.6075, 1.0),
        ] {
            let difference = Difference::of(&a, &b);
            // The table has four decimals.
            assert!((difference.low - low).abs() < 5e-5, "{difference:?}");
            assert!((difference.high - high).abs() < 5e-5, "{difference:?}");
        }
    }

    #[test]
    fn one_example_proves_nothing() {
        let difference = Difference::of(&proportion(1, 1), &proportion(0, 1));
        assert!(!difference.is_above() && !difference.is_below());
    }
}
