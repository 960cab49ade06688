//! From hidden states to queries, keys and values.

use motjuste::Result;

use crate::config::Config;
use crate::forward::Step;
use crate::forward::affine::Affine;
use crate::forward::norm::Norm;
use crate::kernel::columns::columns;
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
    pub(super) fn load(weights: &Weights, name: &str, c: &Config) -> Result<Self> {
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
    pub(super) fn forward(&self, x: &[f32], step: &Step) -> (Vec<f32>, Vec<f32>) {
        let (mut queries, mut key_values) = match &self.maps {
            Maps::Apart { query, key_value } => {
                (query.forward(&step.wanted(x.to_vec())), key_value.forward(x))
            }
            Maps::Fused(all) => {
                let (all, width) = (all.forward(x), self.query_width + 2 * self.key_width);
                let queries = columns(&all, width, 0..self.query_width);
                (step.wanted(queries), columns(&all, width, self.query_width..width))
            }
        };
        if let Some([query, key]) = &self.norms {
            query.apply(&mut queries);
            let rows = key_values.chunks_exact_mut(2 * self.key_width);
            rows.for_each(|row| key.apply(&mut row[..self.key_width]));
        }
        (queries, key_values)
    }
}

impl Maps {
    fn load(
        weights: &Weights,
        name: &str,
        c: &Config,
        (query_width, key_width): (usize, usize),
    ) -> Result<Self> {
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
