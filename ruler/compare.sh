#!/usr/bin/env bash
# The tables of docs/src/comparison.md: every method on the matrices that are here, 30 seeds that were not used for tuning.
#   ruler/compare.sh MOTJUSTE OUT     leaves OUT/*.json; then python3 ruler/table.py OUT
set -euo pipefail
motjuste=$(realpath "$1") out=$(realpath -m "$2")
cd "$(dirname "$0")/.."
mkdir -p "$out"
tasks=(ruler/{animal,continent,headline,language,living,review}.toml)
seeds=(--seed 1000 --seeds "${SEEDS:-30}")

# A study for each number of calls. TRIPLE must be told it; OPRO, which asks whatever comes of it, gets steps for a third.
for calls in 500 1000 3300; do
  "$motjuste" replay "${tasks[@]}" "${seeds[@]}" --target-calls $calls --json \
    --methods motjuste,random-pick,motjuste-unraced,random-pick-unraced,uniform,instructzero,instructzero-compat,instructzero-repaired,hbbops,zopo \
    --variant "motjuste race.rule=slack" --variant "random-pick race.rule=slack" --variant "motjuste race.rule=halving" --variant "motjuste race.rule=lossless" --variant "triple-sh calls=$calls" \
    > "$out/pool-$calls.json"
  "$motjuste" replay "${tasks[@]}" "${seeds[@]}" --target-calls $calls --json \
    --methods motjuste-chat,motjuste-chat-unraced,ape,ape-ucb,evoprompt-ga,evoprompt-de,mipro-heavy,gepa \
    --variant "motjuste-chat race.rule=slack" --variant "motjuste-chat parent=posterior" --variant "motjuste-chat front_share=0.25" --variant "motjuste-chat front_share=1" \
    --variant "opro steps=$((calls / 25))" --variant "best-of-n first=40 start=160" --variant "capo examples=0" \
    > "$out/words-$calls.json"
done
# The networks take their time.
for calls in 500 1000; do
  "$motjuste" replay "${tasks[@]}" --seed 1000 --seeds 10 --target-calls $calls --json --methods motjuste,instinct,presto \
    > "$out/networks-$calls.json"
done
