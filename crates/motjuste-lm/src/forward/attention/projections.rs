//! From hidden states to queries, keys and values.

use candle_core::{Result, Tensor};

use crate::config::Config;
use crate::forward::Step;
use crate::forward::affine::Affine;
use crate::forward::norm::Norm;
use crate::weights::Weights;

pub(crate) struct Projections {
    pub(crate) maps: Maps,
    /// Of each head's query and of each head's key.
    pub(crate) norms: Option<[Norm; 2]>,
    query_width: usize,
    /// Of all heads' keys; that of their values is the same.
    key_width: usize,
}

pub(crate) enum Maps {
    /// Queries are made for the wanted rows alone.
    Apart { query: Affine, key_value: Affine },
    /// As the file has them: queries, keys, values.
    Fused(Affine),
}

impl Projections {
    pub(super) fn load(weights: &Weights, name: &str, c: &Config) -> motjuste::Result<Self> {
        let norm = |part: &str| Norm::load(weights, &format!("{name}.{part}"), c.head_width, c);
        let norms = match c.query_key_norm {
            true => Some([norm("q_norm")?, norm("k_norm")?]),
            false => None,
        };
        let (query_width, key_width) = (c.heads * c.head_width, c.key_value_heads * c.head_width);
        let maps = Maps::load(weights, name, c, (query_width, key_width))?;
        Ok(Self { maps, norms, query_width, key_width })
    }

    pub(super) fn parameters(&self) -> usize {
        let norms = self.norms.iter().flatten().map(Norm::parameters).sum::<usize>();
        norms
            + match &self.maps {
                Maps::Apart { query, key_value } => query.parameters() + key_value.parameters(),
                Maps::Fused(all) => all.parameters(),
            }
    }

    /// (Σ new, hidden) → queries (Σ wanted, query width) and, of every row, keys, then values
    /// (Σ new, 2 · key width). Nothing is rotated yet.
    pub(super) fn forward(&self, x: &Tensor, step: &Step) -> Result<(Tensor, Tensor)> {
        let (queries, key_values) = match &self.maps {
            Maps::Apart { query, key_value } => {
                let key_values = key_value.forward(x)?;
                (query.forward(&step.wanted(x)?)?, key_values)
            }
            Maps::Fused(all) => {
                let all = all.forward(x)?;
                let queries = step.wanted(&columns(&all, 0, self.query_width)?)?;
                (queries, columns(&all, self.query_width, 2 * self.key_width)?)
            }
        };
        match &self.norms {
            Some([query, key]) => Ok((query.forward(&queries)?, self.normalize(&key_values, key)?)),
            None => Ok((queries, key_values)),
        }
    }

    fn normalize(&self, key_values: &Tensor, norm: &Norm) -> Result<Tensor> {
        let keys = norm.forward(&columns(key_values, 0, self.key_width)?)?;
        let values = columns(key_values, self.key_width, self.key_width)?;
        Tensor::cat(&[keys, values], 1)
    }
}

impl Maps {
    fn load(
        weights: &Weights,
        name: &str,
        c: &Config,
        (query_width, key_width): (usize, usize),
    ) -> motjuste::Result<Self> {
        let [q, k, v, qkv] = ["q", "k", "v", "qkv"].map(|part| format!("{name}.{part}_proj"));
        let load = |names: &[&str], outputs: &[usize]| {
            Affine::load(weights, names, c.hidden, outputs, c.bias.query_key_value)
        };
        Ok(match c.fused {
            true => Self::Fused(load(&[&qkv], &[query_width + 2 * key_width])?),
            false => Self::Apart {
                query: load(&[&q], &[query_width])?,
                key_value: load(&[&k, &v], &[key_width; 2])?,
            },
        })
    }
}

/// Some columns of a matrix, contiguous.
fn columns(x: &Tensor, start: usize, len: usize) -> Result<Tensor> {
    x.narrow(1, start, len)?.contiguous()
}
