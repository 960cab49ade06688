//! A linear map and the way back through it.

use std::sync::OnceLock;

use crate::forward::Linear;
use crate::kernel::columns::add;
use crate::kernel::matmul::Panels;
use crate::kernel::matrix::Matrix;

/// y = W x + b, in f32 on the values that the weights stand for.
#[derive(Clone, Copy)]
pub(crate) struct Map<'a> {
    pub(super) linear: &'a Linear,
    pub(super) bias: Option<&'a [f32]>,
    pub(super) forms: &'a Forms,
}

/// The forms of one matrix W of shape (outputs, inputs).
#[derive(Default)]
pub(super) struct Forms {
    /// W, where the decoder keeps it in another form.
    opened: OnceLock<Panels<f32>>,
    /// Wᵀ.
    transposed: OnceLock<Panels<f32>>,
}

impl Map<'_> {
    /// (rows, inputs) → (rows, outputs).
    pub(crate) fn forward(&self, x: &[f32]) -> Vec<f32> {
        let mut y = match self.linear.is_exact() {
            true => self.linear.forward(x),
            false => self.forms.open(self.linear).multiply(x),
        };
        if let Some(bias) = self.bias {
            y.chunks_exact_mut(bias.len()).for_each(|row| add(row, bias));
        }
        y
    }

    /// ∂x = Wᵀ ∂y: (rows, outputs) → (rows, inputs).
    pub(crate) fn back(&self, gradient: &[f32]) -> Vec<f32> {
        self.forms.transpose(self.linear).multiply(gradient)
    }
}

impl Forms {
    /// W in f32, if the decoder does not have it so.
    fn open(&self, linear: &Linear) -> &Panels<f32> {
        self.opened.get_or_init(|| {
            let rows: Vec<f32> = (0..linear.outputs()).flat_map(|row| linear.row(row)).collect();
            Panels::of(&rows, linear.inputs())
        })
    }

    /// Wᵀ.
    fn transpose(&self, linear: &Linear) -> &Panels<f32> {
        self.transposed.get_or_init(|| {
            let (inputs, outputs) = (linear.inputs(), linear.outputs());
            let mut columns = vec![0.0; inputs * outputs];
            for output in 0..outputs {
                for (input, weight) in linear.row(output).into_iter().enumerate() {
                    columns[input * outputs + output] = weight;
                }
            }
            Panels::of(&columns, outputs)
        })
    }
}
