//! Every target returns for long inputs that repeat one thing: what takes time in the square of a length shows here.
//! Nothing is measured; `--nocapture` prints how long each took.

use std::time::Instant;

use motjuste_fuzz::TARGETS;

/// Bytes of an input: as long as a long reply.
const LENGTH: usize = 64 << 10;

const REPEATED: [&str; 40] = [
    "[",
    "]",
    "[]",
    "(",
    "(A",
    "(A) ",
    "{",
    "{}",
    "{{ a }}",
    "{% if a %}",
    "<instruction>",
    "</instruction>",
    "<INS>",
    "<think>",
    "score",
    "score: ",
    "Score: 1/2 ",
    "1",
    "1,",
    "1.",
    "- 1 ",
    "one ",
    "twenty-",
    "\\boxed{",
    "$",
    "**",
    "\"",
    "'",
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    " ",
    "\u{a0}",
    "a ",
    "é",
    "```\n",
    "{\"a\":",
    "a: &a [",
];

#[test]
fn every_target_returns_for_long_inputs() {
    for (name, run) in TARGETS {
        for text in REPEATED {
            for first in [0, 1, 2, 4, 7, 9, 16, 19, 24] {
                for front in ["", "{}\n%\na b\n%\n", "\n%\n"] {
                    let long = text.repeat(LENGTH / text.len());
                    let input = [&[first], front.as_bytes(), long.as_bytes()].concat();
                    let start = Instant::now();
                    run(&input);
                    let took = start.elapsed().as_millis();
                    if took > 50 {
                        eprintln!("{name} {first} {front:?} {text:?}: {took} ms");
                    }
                }
            }
        }
    }
}
