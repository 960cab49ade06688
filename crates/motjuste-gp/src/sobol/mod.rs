//! Sobol' points: n points that fill the unit cube more evenly than random ones.
//!
//! A digital net in base 2 with the direction numbers of Joe and Kuo 2008 (the set
//! "new-joe-kuo-6"), in the Gray-code order of Antonov and Saleev 1979, with 52 binary digits.
//! Scrambling is Matoušek's 1998 random linear scramble with a digital shift, as SciPy and
//! PyTorch do it: every dimension's digits are multiplied by a random lower triangular binary
//! matrix with ones on its diagonal, and a random number is added bit by bit. Each point is then
//! uniform on the cube, and the net is as even as before.
//!
//! Why not the crate `sobol_burley`: it yields f32, and at most 2^16 points.

mod directions;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::error::{Error, Result};
use crate::points::Points;
use directions::{DIRECTIONS, MAX_DEGREE};

/// Binary digits of a coordinate: all that fit in the fraction of an f64.
const BITS: u32 = 52;

/// The largest dimension.
///
/// ```
/// assert!(motjuste_gp::sobol::Sobol::new(motjuste_gp::sobol::MAX_DIM).is_ok());
/// ```
pub const MAX_DIM: usize = DIRECTIONS.len() + 1;

/// A sequence of points in \[0, 1)^d, without end (2^52 points).
///
/// ```
/// use motjuste_gp::sobol::Sobol;
///
/// let mut plain = Sobol::new(2)?;
/// let points = plain.points(4)?;
/// assert_eq!(points.row(3), [0.25, 0.75]);
///
/// let scrambled = Sobol::scrambled(2, 42)?.points(4)?;
/// assert_eq!(scrambled, Sobol::scrambled(2, 42)?.points(4)?);
/// # Ok::<(), motjuste_gp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sobol {
    /// Per dimension, v_1, v_2, ... with the binary point before bit 51.
    directions: Vec<[u64; BITS as usize]>,
    /// The digits of the next point.
    state: Vec<u64>,
    index: u64,
}

impl Sobol {
    /// The sequence as Sobol' made it: the first point is the origin.
    ///
    /// # Errors
    /// `dim` is 0 or above [`MAX_DIM`].
    ///
    /// ```
    /// assert!(motjuste_gp::sobol::Sobol::new(0).unwrap_err().is_invalid_parameter());
    /// ```
    pub fn new(dim: usize) -> Result<Self> {
        if dim == 0 || dim > MAX_DIM {
            return Err(Error::parameter(format!("dimension {dim} is not in 1..={MAX_DIM}")));
        }
        let directions = (0..dim).map(direction_numbers).collect();
        Ok(Self { directions, state: vec![0; dim], index: 0 })
    }

    /// The scrambled sequence of a seed; the same seed gives the same points everywhere.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    ///
    /// ```
    /// use motjuste_gp::sobol::Sobol;
    /// let (a, b) = (Sobol::scrambled(3, 1)?.points(2)?, Sobol::scrambled(3, 2)?.points(2)?);
    /// assert_ne!(a, b);
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn scrambled(dim: usize, seed: u64) -> Result<Self> {
        let mut sobol = Self::new(dim)?;
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        for (numbers, state) in sobol.directions.iter_mut().zip(&mut sobol.state) {
            let rows = scramble_rows(&mut rng);
            numbers.iter_mut().for_each(|v| *v = multiply(&rows, *v));
            *state = rng.next_u64() >> (64 - BITS);
        }
        Ok(sobol)
    }

    /// The next `n` points, n × d.
    ///
    /// # Errors
    /// The 2^52 points are used up.
    ///
    /// ```
    /// let mut sobol = motjuste_gp::sobol::Sobol::new(1)?;
    /// sobol.points(1)?;
    /// assert_eq!(sobol.points(1)?.row(0), [0.5]); // it goes on where it stopped
    /// # Ok::<(), motjuste_gp::Error>(())
    /// ```
    pub fn points(&mut self, n: usize) -> Result<Points> {
        if self.index + n as u64 >= 1 << BITS {
            return Err(Error::parameter("a Sobol sequence has 2^52 points"));
        }
        let mut values = Vec::with_capacity(n * self.state.len());
        for _ in 0..n {
            values.extend(self.state.iter().map(|digits| *digits as f64 / (1u64 << BITS) as f64));
            self.advance();
        }
        Points::new(self.state.len(), values)
    }

    /// Gray code: the next point differs from this one in the direction of the lowest zero bit of
    /// the index.
    fn advance(&mut self) {
        let bit = self.index.trailing_ones() as usize;
        for (state, numbers) in self.state.iter_mut().zip(&self.directions) {
            *state ^= numbers[bit.min(BITS as usize - 1)];
        }
        self.index += 1;
    }
}

/// v_k of one dimension: Joe and Kuo 2008, eq. 2 and 3, with m_k shifted to the binary point.
fn direction_numbers(dim: usize) -> [u64; BITS as usize] {
    let mut v = [0; BITS as usize];
    let Some((polynomial, starts)) = dim.checked_sub(1).map(|i| &DIRECTIONS[i]) else {
        // The first dimension is van der Corput's sequence.
        v.iter_mut().enumerate().for_each(|(k, v)| *v = 1 << (BITS as usize - 1 - k));
        return v;
    };
    let degree = polynomial.ilog2() as usize;
    debug_assert!(degree <= MAX_DEGREE);
    for k in 0..BITS as usize {
        v[k] = if k < degree {
            u64::from(starts[k]) << (BITS as usize - 1 - k)
        } else {
            let own = v[k - degree] ^ (v[k - degree] >> degree);
            let taps = (1..degree).filter(|i| polynomial >> (degree - i) & 1 == 1);
            taps.fold(own, |sum, i| sum ^ v[k - i])
        };
    }
    v
}

/// A random lower triangular matrix over GF(2): row i (the i-th digit, from the top) has its own
/// digit and random ones above it.
fn scramble_rows(rng: &mut ChaCha20Rng) -> [u64; BITS as usize] {
    std::array::from_fn(|i| {
        let digit = 1 << (BITS as usize - 1 - i);
        let above = (1u64 << BITS) - 2 * digit;
        (rng.next_u64() & above) | digit
    })
}

/// The product of the matrix and a vector of digits: every digit is a parity.
fn multiply(rows: &[u64; BITS as usize], digits: u64) -> u64 {
    let parity = |row: &u64| u64::from((row & digits).count_ones() & 1);
    rows.iter().fold(0, |out, row| out << 1 | parity(row))
}
