#!/bin/bash
# Each task of the array serves the model on its own GPU and works for the studies of one store:
#   sbatch workers-slurm.sh
#SBATCH --job-name=motjuste-worker
#SBATCH --array=0-7
#SBATCH --gpus=1
#SBATCH --cpus-per-task=4
#SBATCH --time=08:00:00
#SBATCH --signal=B:TERM@120
set -euo pipefail

export MOTJUSTE_STORE=postgresql://motjuste@db.cluster/studies    # the password is in ~/.pgpass
export HOSTED_VLLM_API_BASE=http://127.0.0.1:8000/v1              # the same address on every node: one model

vllm serve Qwen/Qwen2.5-7B-Instruct --host 127.0.0.1 --port 8000 &
server=$!
until curl --silent --fail http://127.0.0.1:8000/health; do sleep 5; done

motjuste worker --concurrency 32 --idle 1800 --grace 100 &
worker=$!
trap 'kill -TERM $worker' TERM      # two minutes before the end: finish what is in flight
wait $worker || wait $worker
kill $server
