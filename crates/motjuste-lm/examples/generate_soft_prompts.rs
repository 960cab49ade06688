//! Times a batch of soft prompts in front of one prompt, and prints what it took as JSON.
//!
//!     cargo run --release -p motjuste-lm --example generate_soft_prompts -- \
//!         MODEL [--precision as-stored|f32|q8_0] [--activations 16|8] [--rows 25] [--prompt 48] [--new 32] [--rounds 1]
//!
//! MODEL is a folder or a GGUF file. `benches/beside_others.py` runs it beside transformers and llama.cpp on the same numbers. Several rounds
//! are counted together, behind one that is not, for models that are fast beside the clock.

mod loading;

use std::error::Error;
use std::fs;
use std::time::Instant;

use loading::Arguments;
use motjuste::model::Decoding;
use motjuste_lm::{OpenModel, Sequence};
use serde_json::json;

const SOFT_TOKENS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read()?;
    let (rows, prompt) = (arguments.get("--rows", 25)?, arguments.get("--prompt", 48)?);
    let (new, rounds) = (arguments.get("--new", 32)?, arguments.get("--rounds", 1)?);
    let start = Instant::now();
    let model = arguments.load()?;
    let load = start.elapsed().as_secs_f64();
    let sequences: Vec<Sequence> = (0..rows).map(|row| sequence(&model, row, prompt)).collect();
    // The first token is written from what reading gives, so writing one is reading.
    let (_, prefill) = timed(rounds, || model.write(&sequences, &Decoding::greedy(1)))?;
    let (written, both) = timed(rounds, || model.write(&sequences, &Decoding::greedy(new)))?;
    let decode = Times { wall: both.wall - prefill.wall, cpu: both.cpu - prefill.cpu };
    let read_tokens = rounds * rows * (SOFT_TOKENS + prompt);
    let steps = rounds * written.iter().map(|row| row.len().saturating_sub(1)).sum::<usize>();
    let report = json!({
        "load_s": load, "peak_mb": peak_mb()?, "written": written[0],
        "prefill_tokens_per_s": read_tokens as f64 / prefill.wall,
        "decode_tokens_per_s": steps as f64 / decode.wall,
        "prefill_tokens_per_cpu_s": read_tokens as f64 / prefill.cpu,
        "decode_tokens_per_cpu_s": steps as f64 / decode.cpu,
    });
    std::io::Write::write_all(&mut std::io::stdout(), report.to_string().as_bytes())?;
    Ok(())
}

/// Seconds that passed, and seconds that processors worked on this process.
struct Times {
    wall: f64,
    cpu: f64,
}

/// What several rounds of work take together; one more comes first where they are several.
fn timed<T>(
    rounds: usize,
    work: impl Fn() -> motjuste::Result<T>,
) -> Result<(T, Times), Box<dyn Error>> {
    if rounds > 1 {
        work()?;
    }
    let (start, cpu) = (Instant::now(), cpu_seconds()?);
    for _ in 1..rounds {
        work()?;
    }
    let result = work()?;
    Ok((result, Times { wall: start.elapsed().as_secs_f64(), cpu: cpu_seconds()? - cpu }))
}

/// User and system time of this process, in steps of a hundredth.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name, in brackets, may hold spaces; user time is the twelfth field behind it.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks = fields.map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / 100.0)
}

/// Soft tokens and tokens by a formula that the Python side repeats.
fn sequence(model: &OpenModel, row: usize, prompt: usize) -> Sequence {
    let (hidden, vocabulary) = (model.description().hidden, model.description().vocabulary);
    let soft = |i: usize| ((i * 37 + row * 11) % 101) as f32 / 1024.0 - 0.05;
    Sequence {
        soft: (0..SOFT_TOKENS * hidden).map(soft).collect(),
        tokens: (0..prompt).map(|i| ((i * 7919 + 13) % vocabulary) as u32).collect(),
        soft_at: 0,
    }
}

/// The most memory this process has held, in MB.
fn peak_mb() -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmHWM")?;
    Ok(number.parse::<f64>()? / 1000.0)
}
