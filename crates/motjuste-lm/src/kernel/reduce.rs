//! Sums and dot products over a row, always in the same order.

/// Partial sums, however many lanes the machine has.
const LANES: usize = 16;

/// Σ xᵢ yᵢ: term i goes to lane i mod 16; the lanes are added as a tree.
#[inline(always)]
pub(crate) fn dot(x: &[f32], y: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let (x_chunks, x_rest) = x.as_chunks::<LANES>();
    let (y_chunks, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in x_chunks.iter().zip(y_chunks) {
        for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
            *lane = x.mul_add(y, *lane);
        }
    }
    for ((lane, &x), &y) in lanes.iter_mut().zip(x_rest).zip(y_rest) {
        *lane = x.mul_add(y, *lane);
    }
    tree(lanes)
}

/// Σ xᵢ, in the order of [`dot`].
#[inline(always)]
pub(crate) fn sum(x: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for x in chunks {
        for (lane, &x) in lanes.iter_mut().zip(x) {
            *lane += x;
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += x;
    }
    tree(lanes)
}

/// max xᵢ, or −∞ for an empty row. A maximum is the same in any order.
#[inline(always)]
pub(crate) fn max(x: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for x in chunks {
        for (lane, &x) in lanes.iter_mut().zip(x) {
            *lane = lane.max(x);
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |highest, &x| highest.max(x))
}

/// Adds the upper half of the lanes to the lower half until one is left.
#[inline(always)]
fn tree(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::{dot, max, sum};

    #[test]
    fn reductions_agree_with_plain_loops_at_every_length() {
        for length in 0..70 {
            let x: Vec<f32> = (0..length).map(|i| (i as f32 - 9.0) / 8.0).collect();
            let y: Vec<f32> = (0..length).map(|i| (i * i % 7) as f32).collect();
            // Multiples of 1/8 this small add without rounding, so equality is exact.
            assert_eq!(dot(&x, &y), x.iter().zip(&y).map(|(x, y)| x * y).sum::<f32>());
            assert_eq!(sum(&x), x.iter().sum::<f32>());
            assert_eq!(max(&x), x.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b)));
        }
    }
}
