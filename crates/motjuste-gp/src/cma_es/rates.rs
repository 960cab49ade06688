//! The strategy parameters of CMA-ES: table 1 of the tutorial.

use crate::linalg::dot;

/// The strategy parameters: functions of n and lambda alone.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    pub(super) popsize: usize,
    /// mu
    pub(super) parents: usize,
    /// w_i, all lambda of them (eq. 53)
    pub(super) weights: Vec<f64>,
    pub(super) mu_eff: f64,
    pub(super) c_sigma: f64,
    pub(super) d_sigma: f64,
    pub(super) c_c: f64,
    pub(super) c_1: f64,
    pub(super) c_mu: f64,
    /// E|N(0, I)|
    pub(super) chi_n: f64,
}

impl Rates {
    /// For n dimensions and lambda points.
    pub(super) fn new(n: usize, popsize: usize) -> Self {
        let (dim, lambda) = (n as f64, popsize as f64);
        let parents = popsize / 2;
        let raw: Vec<f64> =
            (1..=popsize).map(|i| ((lambda + 1.0) / 2.0).ln() - (i as f64).ln()).collect(); // eq. 49
        let effective =
            |w: &[f64]| w.iter().sum::<f64>().powi(2) / dot(w, w).max(f64::MIN_POSITIVE);
        let mu_eff = effective(&raw[..parents]);
        let mu_eff_minus = effective(&raw[parents..]);
        let c_1 = 2.0 / ((dim + 1.3).powi(2) + mu_eff); // eq. 57
        let c_mu = (2.0 * (mu_eff - 2.0 + 1.0 / mu_eff) / ((dim + 2.0).powi(2) + mu_eff))
            .min(1.0 - c_1 - 1e-8); // eq. 58
        let negative_mass = (1.0 + c_1 / c_mu) // eq. 50
            .min(1.0 + 2.0 * mu_eff_minus / (mu_eff + 2.0)) // eq. 51
            .min((1.0 - c_1 - c_mu) / (dim * c_mu)); // eq. 52
        let positive: f64 = raw.iter().filter(|w| **w > 0.0).sum();
        let negative: f64 = -raw.iter().filter(|w| **w < 0.0).sum::<f64>();
        let scale = |w: f64| if w >= 0.0 { w / positive } else { w * negative_mass / negative };
        let c_sigma = (mu_eff + 2.0) / (dim + mu_eff + 5.0); // eq. 55
        let excess = (((mu_eff - 1.0) / (dim + 1.0)).sqrt() - 1.0).max(0.0);
        Self {
            popsize,
            parents,
            weights: raw.into_iter().map(scale).collect(), // eq. 53
            mu_eff,
            c_sigma,
            d_sigma: 1.0 + 2.0 * excess + c_sigma,
            c_c: (4.0 + mu_eff / dim) / (dim + 4.0 + 2.0 * mu_eff / dim), // eq. 56
            c_1,
            c_mu,
            chi_n: dim.sqrt() * (1.0 - 1.0 / (4.0 * dim) + 1.0 / (21.0 * dim * dim)),
        }
    }
}
