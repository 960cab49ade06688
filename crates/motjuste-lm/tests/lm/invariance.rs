//! A row's result has the same bits in every company.

use crate::support::{rows, shipped, tiny};
use motjuste::model::Decoding;
use motjuste_lm::{LoadOptions, OpenModel, Sequence};

const GREEDY: Decoding = Decoding { max_tokens: 5, temperature: 0.0, draw: 0 };
const DRAWN: Decoding = Decoding { max_tokens: 5, temperature: 0.8, draw: 3 };

/// Everything a row can answer, numbers as bits.
#[derive(Debug, PartialEq)]
struct Answer {
    logits: Vec<u32>,
    hidden: Vec<u32>,
    greedy: Vec<u32>,
    drawn: Vec<u32>,
}

fn answers(model: &OpenModel, rows: &[Sequence]) -> Vec<Answer> {
    let logits = model.logits(rows).unwrap();
    let hidden = model.hidden_states(rows).unwrap();
    let greedy = model.write(rows, &GREEDY).unwrap();
    let drawn = model.write(rows, &DRAWN).unwrap();
    let bits = |row: &[f32]| row.iter().map(|value| value.to_bits()).collect();
    let answer = |row: usize| Answer {
        logits: bits(&logits[row]),
        hidden: bits(&hidden[row]),
        greedy: greedy[row].clone(),
        drawn: drawn[row].clone(),
    };
    (0..rows.len()).map(answer).collect()
}

fn models() -> [OpenModel; 2] {
    [tiny(), OpenModel::from_folder(shipped("embedded"), &LoadOptions::default()).unwrap()]
}

#[test]
fn a_row_is_the_same_alone_and_in_any_batch() {
    for model in models() {
        let rows = rows(&model);
        let together = answers(&model, &rows);
        for (row, expected) in rows.iter().zip(&together) {
            assert_eq!(&answers(&model, std::slice::from_ref(row))[0], expected, "alone");
        }
        for (three, expected) in rows.chunks(3).zip(together.chunks(3)) {
            assert_eq!(answers(&model, three), expected, "in threes");
        }
        // 7 and 25 have no common factor, so this visits every row once.
        let order: Vec<usize> = (0..25).map(|i| i * 7 % 25).collect();
        let shuffled: Vec<Sequence> = order.iter().map(|&row| rows[row].clone()).collect();
        for (result, row) in answers(&model, &shuffled).iter().zip(order) {
            assert_eq!(result, &together[row], "shuffled");
        }
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for model in models() {
        let rows = rows(&model);
        // Enough rows for several batches, and for matrix products that threads divide.
        let many: Vec<Sequence> = rows.iter().cycle().take(60).cloned().collect();
        let with_threads = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| answers(&model, &many))
        };
        let one = with_threads(1);
        assert_eq!(one, with_threads(2));
        assert_eq!(one, with_threads(4));
    }
}

#[test]
fn sharing_a_beginning_changes_nothing() {
    for model in models() {
        let tokens = model.encode("the quick brown fox jumps over the lazy dog and then").unwrap();
        let row = |end: usize, extra: &str| {
            let mut tokens = tokens[..end].to_vec();
            tokens.extend(model.encode(extra).unwrap());
            Sequence { tokens, ..Sequence::default() }
        };
        let half = tokens.len() / 2;
        // Shared runs of two lengths, one sequence that is the beginning of another, one twice.
        let rows = [
            row(tokens.len(), " runs"),
            row(tokens.len(), " sits"),
            row(half, " sits down"),
            row(tokens.len(), ""),
            row(half, " sits down"),
        ];
        let alone = |row: &Sequence| answers(&model, std::slice::from_ref(row)).remove(0);
        assert_eq!(answers(&model, &rows), rows.iter().map(alone).collect::<Vec<_>>());
    }
}

#[test]
fn repeated_draws_differ_and_each_can_be_repeated() {
    let model = tiny();
    let rows = &rows(&model)[..4];
    let draws = |draw| model.write(rows, &Decoding { draw, ..DRAWN }).unwrap();
    assert_eq!(draws(3), draws(3));
    assert_ne!(draws(3), draws(4));
}
