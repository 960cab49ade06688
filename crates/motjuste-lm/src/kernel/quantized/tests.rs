use pulp::NullaryFnOnce;

use super::form::{Bytes, Codes, Nibbles};
use super::inputs::{Inputs, round};
use super::product::{Kernel, Product};
use super::{Quantized, pack};
use crate::kernel::blocks::{GROUP, Group, Kind};
use crate::kernel::lanes::Portable;
use crate::kernel::matrix::Matrix;
use crate::kernel::q8_0;
use crate::kernel::split::{Paneled, columns_parallel, rows_parallel, rows_serial};

fn numbers(n: usize, seed: usize) -> Vec<f32> {
    (0..n).map(|i| ((i * 7919 + seed * 104_729) % 1009) as f32 / 1009.0 - 0.5).collect()
}

/// Groups with codes from `low` to `high`, and scales and shifts that differ from half to half where they may.
fn groups(n: usize, (low, high): (i8, i8), halves: bool, shifts: bool) -> Vec<Group> {
    let width = i16::from(high) - i16::from(low) + 1;
    let code = |i: usize| (i16::from(low) + (i * 7919 % 1009) as i16 % width) as i8;
    let group = |at: usize| {
        let scale =
            [0, 1].map(|half| 0.01 + (at % 13 + if halves { half } else { 0 }) as f32 / 700.0);
        let shift = scale.map(|scale| if shifts { -4.0 * scale } else { 0.0 });
        Group { codes: std::array::from_fn(|i| code(at * GROUP + i)), scales: scale, shifts: shift }
    };
    (0..n).map(group).collect()
}

/// Groups of every format in memory.
fn formats() -> Vec<(Kind, (i8, i8), bool, bool)> {
    vec![
        (Kind::Q4_0, (-8, 7), false, false),
        (Kind::Q4_1, (0, 15), false, true),
        (Kind::Q8_0, (-127, 127), false, false),
        (Kind::Q5K, (0, 31), false, true),
        (Kind::Q2K, (0, 3), true, true),
        (Kind::Q3K, (-4, 3), true, false),
        (Kind::Q6K, (-32, 31), true, false),
    ]
}

/// y over the blocks, one after the other, with sums in 64 bits: the first half, then the second, or both at once.
fn reference(
    groups: &[Group],
    x: &[f32],
    inputs: usize,
    (halves, shifts): (bool, bool),
) -> Vec<f32> {
    let add = |mut y: f32, group: &Group, x: &Inputs| {
        let parts = if halves { [0..16, 16..32] } else { [0..32, 32..32] };
        for (half, part) in parts.into_iter().enumerate() {
            let sum: i64 =
                part.clone().map(|i| i64::from(group.codes[i]) * i64::from(x.values[i])).sum();
            y = (sum as f32).mul_add(group.scales[half] * x.scale, y);
            let all: i64 = part.map(|i| i64::from(x.values[i])).sum();
            if shifts {
                y = group.shifts[half].mul_add(x.scale * all as f32, y);
            }
        }
        y
    };
    let row = |x: &[f32]| {
        let x: Vec<Inputs> = x.as_chunks::<GROUP>().0.iter().map(round).collect();
        let outputs = groups.chunks_exact(inputs / GROUP);
        let dot = |w: &[Group]| w.iter().zip(&x).fold(0.0, |y, (w, x)| add(y, w, x));
        outputs.map(dot).collect::<Vec<f32>>()
    };
    x.chunks_exact(inputs).flat_map(row).collect()
}

#[test]
fn every_output_is_one_chain_of_blocks_whatever_the_format_and_the_shape() {
    for (rows, inputs, outputs) in
        [(1, 32, 1), (2, 64, 31), (13, 96, 33), (25, 160, 64), (121, 32, 70), (259, 64, 100)]
    {
        let x = numbers(rows * inputs, 2);
        for (kind, codes, halves, shifts) in formats() {
            let groups = groups(outputs * inputs / GROUP, codes, halves, shifts);
            let matrix = pack(kind, groups.iter().copied(), (outputs, inputs));
            let expected = reference(&groups, &x, inputs, (halves, shifts));
            assert_eq!(
                matrix.multiply(&x),
                expected,
                "{kind:?}, {rows} rows, {inputs} → {outputs}"
            );
            for (output, row) in groups.chunks_exact(inputs / GROUP).enumerate() {
                let row: Vec<f32> = row.iter().flat_map(Group::numbers).collect();
                assert_eq!(matrix.row(output), row, "{kind:?}");
            }
        }
    }
}

fn q8_0(outputs: usize, inputs: usize) -> Quantized<Bytes, 1, 0> {
    let weights = numbers(inputs * outputs, 1);
    Quantized::pack(q8_0::groups(&weights).into_iter(), (outputs, inputs))
}

#[test]
fn no_split_between_threads_changes_anything() {
    let (rows, inputs, outputs) = (25, 160, 100);
    let (matrix, x) = (q8_0(outputs, inputs), numbers(rows * inputs, 2));
    let expected = matrix.multiply(&x);
    for split in [rows_serial, rows_parallel, columns_parallel] {
        let mut y = vec![0.0; rows * outputs];
        split(&matrix, &x, &mut y);
        assert_eq!(y, expected);
    }
}

#[test]
fn any_machine_gives_the_same_bits() {
    let (kinds, shape) = (formats(), (70, 96));
    for (kind, codes, halves, shifts) in kinds {
        let groups = groups(shape.0 * shape.1 / GROUP, codes, halves, shifts);
        match kind {
            Kind::Q4_0 => same_bits::<Nibbles<8>, 1, 0>(&groups, shape),
            Kind::Q4_1 => same_bits::<Nibbles<0>, 1, 1>(&groups, shape),
            Kind::Q2K => same_bits::<Nibbles<0>, 2, 2>(&groups, shape),
            Kind::Q3K => same_bits::<Nibbles<8>, 2, 0>(&groups, shape),
            Kind::Q6K => same_bits::<Bytes, 2, 0>(&groups, shape),
            Kind::Q5K => same_bits::<Bytes, 1, 1>(&groups, shape),
            _ => same_bits::<Bytes, 1, 0>(&groups, shape),
        }
    }
}

/// Portable code, AVX2, AVX-512 with and without dot products: what this machine has of them.
fn same_bits<C: Codes, const SCALES: usize, const SHIFTS: usize>(
    groups: &[Group],
    (outputs, inputs): (usize, usize),
) {
    let (rows, blocks) = (25, inputs / GROUP);
    let matrix = Quantized::<C, SCALES, SHIFTS>::pack(groups.iter().copied(), (outputs, inputs));
    let x = numbers(rows * inputs, 2);
    let expected = matrix.multiply(&x);
    let x = Paneled::prepare(&matrix, &x);
    let run = |kernel: &dyn Fn(Product<C, SCALES, SHIFTS>)| {
        let mut y = vec![0.0; rows * outputs];
        kernel(Product { panels: &matrix.data, x: &x, y: &mut y, blocks, width: outputs });
        assert_eq!(y, expected);
    };
    run(&|product| Kernel::<_, _, SCALES, SHIFTS, 3> { lanes: Portable, product }.call());
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(lanes) = pulp::x86::V3::try_new() {
            run(&|product| lanes.vectorize(Kernel::<_, _, SCALES, SHIFTS, 2> { lanes, product }));
        }
        if let Some(lanes) = pulp::x86::V4::try_new() {
            run(&|product| lanes.vectorize(Kernel::<_, _, SCALES, SHIFTS, 4> { lanes, product }));
        }
    }
}

#[test]
fn inputs_are_rounded_to_sixteen_bits_around_the_largest() {
    let mut x = [0.0; GROUP];
    (x[0], x[1], x[2], x[31]) = (2.0, -1.0, 1e-5, -2.0);
    let Inputs { values, scale, sums } = round(&x);
    assert_eq!((values[0], values[31], scale), (32767, -32767, 2.0 / 32767.0));
    // −1 is −16383.5 steps: to the even one. 1e-5 is a sixth of a step.
    assert_eq!((values[1], values[2]), (-16384, 0));
    assert_eq!(sums, [32767 - 16384, -32767]);
    assert_eq!(round(&[0.0; GROUP]).values, [0; GROUP]);
    assert_eq!(round(&[f32::MIN_POSITIVE / 2.0; GROUP]).values, [0; GROUP]);
}

#[test]
fn the_largest_codes_and_inputs_do_not_overflow() {
    let group = Group { codes: [-128; GROUP], scales: [1.0; 2], shifts: [0.0; 2] };
    let matrix = pack(Kind::Q8_0, [group].into_iter(), (1, GROUP));
    let y = matrix.multiply(&[1.0; GROUP]);
    assert!((y[0] + 4096.0).abs() < 0.01, "{y:?}");
}
