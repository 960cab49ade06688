//! Any point into a box.

use crate::bounds::Bounds;

/// The map of pycma's `BoxConstraintsLinQuadTransformation`.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    pub(super) bounds: Bounds,
}

impl Fold {
    /// Any point into the box.
    pub(super) fn fold(&self, x: impl Iterator<Item = f64>) -> Vec<f64> {
        self.bounds.sides().zip(x).map(|(side, x)| fold_one(side, x)).collect()
    }

    /// A point that [`fold`](Self::fold) maps to `x`, which is clipped to the box first.
    pub(super) fn unfold(&self, x: &[f64]) -> Vec<f64> {
        self.bounds.sides().zip(x).map(|(side, x)| unfold_one(side, *x)).collect()
    }
}

/// Widths of the quadratic pieces at both sides.
fn margins((lower, upper): (f64, f64)) -> (f64, f64) {
    let half = (upper - lower) / 2.0;
    let margin =
        |side: f64| if side.is_finite() { half.min((1.0 + side.abs()) / 20.0) } else { 1.0 };
    (margin(lower), margin(upper))
}

fn fold_one((lower, upper): (f64, f64), mut x: f64) -> f64 {
    let (below, above) = margins((lower, upper));
    let half = (upper - lower) / 2.0;
    if x < lower - 2.0 * below - half || x > upper + 2.0 * above + half {
        let period = 2.0 * (upper - lower + below + above);
        let start = lower - 2.0 * below - half;
        x -= period * ((x - start) / period).floor();
    }
    if x > upper + above {
        x -= 2.0 * (x - upper - above);
    }
    if x < lower - below {
        x += 2.0 * (lower - below - x);
    }
    if x < lower + below {
        x = lower + (x - (lower - below)).powi(2) / (4.0 * below);
    }
    if x > upper - above {
        x = upper - (x - (upper + above)).powi(2) / (4.0 * above);
    }
    x.clamp(lower, upper)
}

fn unfold_one((lower, upper): (f64, f64), x: f64) -> f64 {
    let (below, above) = margins((lower, upper));
    let x = x.clamp(lower, upper);
    if x < lower + below {
        lower - below + 2.0 * (below * (x - lower)).sqrt()
    } else if x > upper - above {
        upper + above - 2.0 * (above * (upper - x)).sqrt()
    } else {
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn list(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    }

    /// 1e-13: a handful of operations on numbers up to 75.
    #[test]
    fn the_fold_is_that_of_pycma() {
        let text = include_str!("../../tests/reference/cma_es.json");
        let reference = &serde_json::from_str::<Value>(text).unwrap()["box"];
        let bounds = Bounds::new(list(&reference["lower"]), list(&reference["upper"])).unwrap();
        let fold = Fold { bounds };
        for pair in reference["fold"].as_array().unwrap() {
            let (x, y) = (list(&pair["x"]), list(&pair["y"]));
            let found = fold.fold(x.iter().copied());
            assert!(found.iter().zip(&y).all(|(a, b)| (a - b).abs() < 1e-13), "{x:?}");
        }
        for pair in reference["unfold"].as_array().unwrap() {
            let (x, y) = (list(&pair["x"]), list(&pair["y"]));
            let found = fold.unfold(&x);
            assert!(found.iter().zip(&y).all(|(a, b)| (a - b).abs() < 1e-13), "{x:?}");
            let back = fold.fold(found.into_iter());
            assert!(back.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-13), "{x:?}");
        }
    }
}
