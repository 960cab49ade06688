//! Uniform and normal random numbers.

use rand::Rng;

/// One draw from U(0, 1) with 53 random bits, never 0 or 1.
pub(crate) fn uniform(rng: &mut impl Rng) -> f64 {
    ((rng.next_u64() >> 11) as f64 + 0.5) * 2f64.powi(-53)
}

/// One draw from N(0, 1), by the polar method (Marsaglia and Bray 1964).
///
/// The second number of each pair is thrown away, so that a draw depends on the generator alone.
pub(crate) fn normal(rng: &mut impl Rng) -> f64 {
    loop {
        let (a, b) = (2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0);
        let square = a * a + b * b;
        if 0.0 < square && square < 1.0 {
            return a * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use motjuste::random::Streams;

    use super::*;

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let mut stream = Streams::new(1).stream("draws", 0);
        let mean = |draws: Vec<f64>| draws.iter().sum::<f64>() / draws.len() as f64;
        let count = 10_000;
        let uniform: Vec<f64> = (0..count).map(|_| uniform(&mut stream)).collect();
        let normal: Vec<f64> = (0..count).map(|_| normal(&mut stream)).collect();
        assert!(uniform.iter().all(|u| 0.0 < *u && *u < 1.0));
        // Four standard errors: 0.2887, 1 and sqrt(2) over the root of the count.
        assert!((mean(uniform) - 0.5).abs() < 0.012);
        assert!(mean(normal.clone()).abs() < 0.04);
        assert!((mean(normal.iter().map(|x| x * x).collect()) - 1.0).abs() < 0.057);
    }
}
