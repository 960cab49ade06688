//! Speed of the embedded model: tokens read and written per second, and a study's two workloads.

use std::cmp::Reverse;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use motjuste::model::Decoding;
use motjuste_lm::{OpenModel, Sequence};

const DEMONSTRATIONS: &str = "Input: tree\nOutput: trees\n\nInput: box\nOutput: boxes\n\n\
    Input: lady\nOutput: ladies\n\nInput: bird\nOutput: birds\n\nInput: leaf\nOutput: leaves\n\n\
    The instruction was to?";

/// `rows` rows of `tokens` tokens, no two alike, behind different soft prompts.
fn rows(model: &OpenModel, rows: usize, tokens: usize) -> Vec<Sequence> {
    let hidden = model.description().hidden;
    let row = |row: usize| Sequence {
        soft: (0..5 * hidden).map(|i| ((i * 37 + row * 11) % 101) as f32 / 64.0 - 0.8).collect(),
        tokens: (0..tokens).map(|i| 10 + ((i * 7 + row) % 400) as u32).collect(),
        soft_at: 0,
    };
    (0..rows).map(row).collect()
}

/// Soft prompts in front of five demonstrations: a generator's round.
fn generator_rows(model: &OpenModel, count: usize) -> Vec<Sequence> {
    let mut rows = rows(model, count, 0);
    let tokens = model.encode(DEMONSTRATIONS).unwrap_or_default();
    rows.iter_mut().for_each(|row| row.tokens.clone_from(&tokens));
    rows
}

/// `inputs` for each instruction: a target's round.
fn follower_rows(model: &OpenModel, count: usize, inputs: usize) -> Vec<Sequence> {
    let row = |i: usize| {
        let input: String =
            format!("{i:05}").bytes().map(|b| char::from(b - b'0' + b'a')).collect();
        let text = format!(
            "Instruction: for each input, write letter {:03} of the word and nothing else.\n\n\
             Input: {input}\nOutput:",
            i / inputs
        );
        Sequence { tokens: model.encode(&text).unwrap_or_default(), ..Sequence::default() }
    };
    (0..count).map(row).collect()
}

fn read(c: &mut Criterion) {
    let Ok(model) = OpenModel::embedded() else { return };
    let mut group = c.benchmark_group("read");
    for batch in [1, 25] {
        let rows = rows(&model, batch, 48);
        group.throughput(Throughput::Elements(53 * batch as u64));
        group.bench_with_input(BenchmarkId::from_parameter(batch), &rows, |b, rows| {
            b.iter(|| model.logits(black_box(rows)));
        });
    }
}

/// Writing up to 64 tokens behind one, in rows that write long; the tokens written are counted.
fn write(c: &mut Criterion) {
    let Ok(model) = OpenModel::embedded() else { return };
    let mut group = c.benchmark_group("write");
    let decoding = Decoding { max_tokens: 64, temperature: 1.0, draw: 0 };
    for batch in [1, 25] {
        let (rows, written) = longest(&model, batch, &decoding);
        group.throughput(Throughput::Elements(written));
        group.bench_with_input(BenchmarkId::from_parameter(batch), &rows, |b, rows| {
            b.iter(|| model.write(black_box(rows), &decoding));
        });
    }
}

/// The `count` of 200 rows that write most tokens (a row writes the same in any batch), and how
/// many these are together.
fn longest(model: &OpenModel, count: usize, decoding: &Decoding) -> (Vec<Sequence>, u64) {
    let candidates = rows(model, 200, 1);
    let written = model.write(&candidates, decoding).unwrap_or_default();
    let mut by_length: Vec<(usize, Sequence)> =
        written.iter().map(Vec::len).zip(candidates).collect();
    by_length.sort_by_key(|(length, _)| Reverse(*length));
    by_length.truncate(count);
    let tokens = by_length.iter().map(|(length, _)| *length as u64).sum();
    (by_length.into_iter().map(|(_, row)| row).collect(), tokens)
}

/// A tenth of a round of 1000 soft prompts, and of 3000 questions to the target: 20 about each
/// instruction, which is read once, and as many with nothing to share.
fn workloads(c: &mut Criterion) {
    let Ok(model) = OpenModel::embedded() else { return };
    let mut group = c.benchmark_group("workload");
    group.sample_size(10);
    let generator = generator_rows(&model, 100);
    group.bench_function("100 soft prompts, 15 tokens", |b| {
        b.iter(|| model.write(black_box(&generator), &Decoding::greedy(15)));
    });
    for (name, inputs) in [("20 an instruction", 20), ("1 an instruction", 1)] {
        let follower = follower_rows(&model, 300, inputs);
        group.bench_function(format!("300 questions, 4 tokens, {name}"), |b| {
            b.iter(|| model.write(black_box(&follower), &Decoding::greedy(4)));
        });
    }
}

criterion_group!(benches, read, write, workloads);
criterion_main!(benches);
