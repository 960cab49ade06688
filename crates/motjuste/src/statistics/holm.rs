//! Holm's correction of several tests.

/// Holm's step-down correction (1979, Scandinavian Journal of Statistics 6): the adjusted p-values, which may
/// be compared with .05 and then reject a true null in at most 5 % of families.
///
/// Of m p-values in order the i-th becomes max over j ≤ i of min(1, (m - j + 1) p_(j)). A missing p-value stays
/// missing and does not count among the m.
///
/// ```
/// use motjuste::statistics::holm;
/// let adjusted = holm(&[Some(0.01), None, Some(0.04), Some(0.03)]);
/// assert_eq!(adjusted, [Some(0.03), None, Some(0.06), Some(0.06)]);
/// ```
pub fn holm(p_values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut order: Vec<(usize, f64)> =
        p_values.iter().enumerate().filter_map(|(index, p)| Some((index, (*p)?))).collect();
    order.sort_by(|one, other| one.1.total_cmp(&other.1));
    let mut adjusted = vec![None; p_values.len()];
    let mut highest: f64 = 0.0;
    for (above, (index, p)) in order.iter().enumerate() {
        highest = highest.max((order.len() - above) as f64 * p).min(1.0);
        adjusted[*index] = Some(highest);
    }
    adjusted
}
