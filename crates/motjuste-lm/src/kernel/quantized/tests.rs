use pulp::NullaryFnOnce;

use super::form::{Bytes, Codes, Nibbles};
use super::inputs::{Inputs, Rounding, round};
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
    bound: f32,
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
        let x: Vec<Inputs> = x.as_chunks::<GROUP>().0.iter().map(|x| round(x, bound)).collect();
        let outputs = groups.chunks_exact(inputs / GROUP);
        let dot = |w: &[Group]| w.iter().zip(&x).fold(0.0, |y, (w, x)| add(y, w, x));
        outputs.map(dot).collect::<Vec<f32>>()
    };
    x.chunks_exact(inputs).flat_map(row).collect()
}

const ROUNDINGS: [(Rounding, f32); 2] = [(Rounding::Sixteen, 32639.0), (Rounding::Eight, 127.0)];

#[test]
fn every_output_is_one_chain_of_blocks_whatever_the_format_and_the_shape() {
    for (rows, inputs, outputs) in
        [(1, 32, 1), (2, 64, 31), (15, 96, 33), (25, 160, 64), (121, 32, 70), (259, 64, 100)]
    {
        let x = numbers(rows * inputs, 2);
        for (kind, codes, halves, shifts) in formats() {
            let groups = groups(outputs * inputs / GROUP, codes, halves, shifts);
            for (rounding, bound) in ROUNDINGS {
                let matrix = pack(kind, groups.iter().copied(), (outputs, inputs), rounding);
                let expected = reference(&groups, &x, inputs, (halves, shifts), bound);
                assert_eq!(matrix.multiply(&x), expected, "{kind:?}, {rows}: {inputs} → {outputs}");
                for (output, row) in groups.chunks_exact(inputs / GROUP).enumerate() {
                    let row: Vec<f32> = row.iter().flat_map(Group::numbers).collect();
                    assert_eq!(matrix.row(output), row, "{kind:?}");
                }
            }
        }
    }
}

fn q8_0(outputs: usize, inputs: usize) -> Quantized<Bytes, 1, 0> {
    let weights = numbers(inputs * outputs, 1);
    let groups = q8_0::groups(&weights);
    Quantized::pack(groups.into_iter(), (outputs, inputs), Rounding::Sixteen)
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
        for (rounding, _) in ROUNDINGS {
            match kind {
                Kind::Q4_0 => same_bits::<Nibbles<8>, 1, 0>(&groups, shape, rounding),
                Kind::Q4_1 => same_bits::<Nibbles<0>, 1, 1>(&groups, shape, rounding),
                Kind::Q2K => same_bits::<Nibbles<0>, 2, 2>(&groups, shape, rounding),
                Kind::Q3K => same_bits::<Nibbles<8>, 2, 0>(&groups, shape, rounding),
                Kind::Q6K => same_bits::<Bytes, 2, 0>(&groups, shape, rounding),
                Kind::Q5K => same_bits::<Bytes, 1, 1>(&groups, shape, rounding),
                _ => same_bits::<Bytes, 1, 0>(&groups, shape, rounding),
            }
        }
    }
}

/// Portable code, AVX2, AVX-512 with and without dot products: what this machine has of them.
fn same_bits<C: Codes, const SCALES: usize, const SHIFTS: usize>(
    groups: &[Group],
    (outputs, inputs): (usize, usize),
    rounding: Rounding,
) {
    let (rows, blocks) = (25, inputs / GROUP);
    let groups = groups.iter().copied();
    let matrix = Quantized::<C, SCALES, SHIFTS>::pack(groups, (outputs, inputs), rounding);
    let x = numbers(rows * inputs, 2);
    let expected = matrix.multiply(&x);
    let x = Paneled::prepare(&matrix, &x);
    let run = |kernel: &dyn Fn(Product<C, SCALES, SHIFTS>)| {
        let (mut y, panels) = (vec![0.0; rows * outputs], &matrix.data[..]);
        kernel(Product { panels, x: &x, y: &mut y, blocks, width: outputs, rounding });
        assert_eq!(y, expected);
    };
    run(&|product| Kernel::<_, _, SCALES, SHIFTS, 4> { lanes: Portable, product }.call());
    #[cfg(target_arch = "x86_64")]
    {
        use crate::kernel::lanes::x86::Words;

        if let Some(lanes) = pulp::x86::V3::try_new() {
            run(&|product| lanes.vectorize(Kernel::<_, _, SCALES, SHIFTS, 2> { lanes, product }));
        }
        if let Some(lanes) = pulp::x86::V4::try_new() {
            run(&|product| lanes.vectorize(Kernel::<_, _, SCALES, SHIFTS, 8> { lanes, product }));
        }
        if let Some(lanes) = Words::try_new() {
            run(&|product| lanes.vectorize(Kernel::<_, _, SCALES, SHIFTS, 8> { lanes, product }));
        }
    }
}

#[test]
fn inputs_are_rounded_around_the_largest() {
    let mut x = [0.0; GROUP];
    (x[0], x[1], x[2], x[31]) = (2.0, -0.5, 1e-5, -2.0);
    let it = round(&x, 32639.0);
    assert_eq!((it.values[0], it.values[31], it.scale), (32639, -32639, 2.0 / 32639.0));
    // −0.5 is −8159.75 steps, 1e-5 a sixth of one.
    assert_eq!((it.values[1], it.values[2]), (-8160, 0));
    assert_eq!([0, 1].map(|half| it.sum::<2>(half).0), [32639 - 8160, -32639]);
    assert_eq!(it.sum::<1>(0), (-8160, it.scale * -8160.0));
    for ((value, high), low) in it.values.into_iter().zip(it.high).zip(it.low) {
        assert_eq!(i32::from(value), 256 * i32::from(high) + i32::from(low));
    }
    let it = round(&x, 127.0);
    assert_eq!((it.low[0], it.low[1], it.low[31], it.high), (127, -32, -127, [0; GROUP]));
    assert_eq!(round(&[0.0; GROUP], 127.0).values, [0; GROUP]);
    assert_eq!(round(&[f32::MIN_POSITIVE / 2.0; GROUP], 127.0).values, [0; GROUP]);
}

#[test]
fn the_largest_codes_and_inputs_do_not_overflow() {
    let group = Group { codes: [-128; GROUP], scales: [1.0; 2], shifts: [0.0; 2] };
    for (rounding, _) in ROUNDINGS {
        let matrix = pack(Kind::Q8_0, [group].into_iter(), (1, GROUP), rounding);
        let y = matrix.multiply(&[1.0; GROUP]);
        assert!((y[0] + 4096.0).abs() < 0.01, "{y:?}");
    }
}
