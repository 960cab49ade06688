//! Speed of the embedded model: tokens read and written per second, and a study's two workloads.

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

/// 40 inputs for each instruction: a target's round.
fn follower_rows(model: &OpenModel, count: usize) -> Vec<Sequence> {
    let row = |i: usize| {
        let input: String =
            format!("{i:05}").bytes().map(|b| char::from(b - b'0' + b'a')).collect();
        let text = format!("Instruction: write number {} of it\n\nInput: {input}\nOutput:", i / 40);
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

/// Writing 64 tokens behind one; a row that ends early writes fewer, so the count is measured.
fn write(c: &mut Criterion) {
    let Ok(model) = OpenModel::embedded() else { return };
    let mut group = c.benchmark_group("write");
    for batch in [1, 25] {
        let rows = rows(&model, batch, 1);
        let decoding = Decoding { max_tokens: 64, temperature: 1.0, draw: 0 };
        let written = model.write(&rows, &decoding).unwrap_or_default();
        group.throughput(Throughput::Elements(written.iter().map(|row| row.len() as u64).sum()));
        group.bench_with_input(BenchmarkId::from_parameter(batch), &rows, |b, rows| {
            b.iter(|| model.write(black_box(rows), &decoding));
        });
    }
}

/// A tenth of a round of 1000 soft prompts, and of 3000 questions to the target.
fn workloads(c: &mut Criterion) {
    let Ok(model) = OpenModel::embedded() else { return };
    let mut group = c.benchmark_group("workload");
    group.sample_size(10);
    let generator = generator_rows(&model, 100);
    group.bench_function("100 soft prompts, 15 tokens", |b| {
        b.iter(|| model.write(black_box(&generator), &Decoding::greedy(15)));
    });
    let follower = follower_rows(&model, 300);
    group.bench_function("300 questions, 4 tokens", |b| {
        b.iter(|| model.write(black_box(&follower), &Decoding::greedy(4)));
    });
}

criterion_group!(benches, read, write, workloads);
criterion_main!(benches);
