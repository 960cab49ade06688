//! Draws from distributions.

use rand::RngExt;

use crate::random::Stream;

/// A draw from a beta distribution, both of whose parameters are 1 or more.
pub(super) fn beta(a: f64, b: f64, stream: &mut Stream) -> f64 {
    let (x, y) = (gamma(a, stream), gamma(b, stream));
    x / (x + y)
}

/// A draw from a gamma distribution of shape 1 or more (Marsaglia and Tsang 2000).
fn gamma(shape: f64, stream: &mut Stream) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(stream);
        let v = (1.0 + c * x).powi(3);
        let u: f64 = 1.0 - stream.random::<f64>();
        if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

/// A draw from the standard normal distribution (Box and Muller 1958).
pub(super) fn normal(stream: &mut Stream) -> f64 {
    let (radius, angle) = (1.0 - stream.random::<f64>(), stream.random::<f64>());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    #[test]
    fn beta_draws_have_their_mean_and_their_spread() {
        let mut stream = Streams::new(0).stream("beta", 0);
        for (a, b) in [(1.0, 2.0), (7.5, 2.5), (40.0, 40.0)] {
            let draws: Vec<f64> = (0..20_000).map(|_| beta(a, b, &mut stream)).collect();
            let mean = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / 20_000.0;
            let sum: f64 = a + b;
            assert!((mean - a / sum).abs() < 0.01, "{mean} of {a}, {b}");
            let expected = a * b / (sum * sum * (sum + 1.0));
            assert!((variance / expected - 1.0).abs() < 0.06, "{variance} of {expected}");
        }
    }
}
