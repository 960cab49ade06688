"""What a language model of ours is trained with: Muon for the matrices of its layers, Adam for everything else."""

from pathlib import Path

import torch

from llama import Llama
from muon import Muon

RATE_MUON = 0.02
RATE_ADAM = 3e-3
BETAS = (0.9, 0.98)
WARM_UP_STEPS = 30
DECAY_FROM = 0.5
LEAST_FACTOR = 0.02
LARGEST_NORM = 1.0


def rate_factor(step: float, progress: float) -> float:
    """Warm-up over the first steps, linear decay over the last half."""
    return min(1, (step + 1) / WARM_UP_STEPS) * min(1, max(LEAST_FACTOR, (1 - progress) / (1 - DECAY_FROM)))


class Optimiser:
    """Updates a model from its gradients; a checkpoint holds both."""

    def __init__(self, model: Llama) -> None:
        self.model = model
        matrices = [p for p in model.layers.parameters() if p.dim() == 2]
        self.others = [p for p in model.parameters() if all(p is not matrix for matrix in matrices)]
        self.parameters = matrices + self.others
        shape = model.shape
        stacked = {3 * shape.width: 3, 2 * shape.hidden: 2}
        self.muon = Muon(matrices, [stacked.get(p.shape[0], 1) for p in matrices])
        self.adam = torch.optim.AdamW(self.others, lr=RATE_ADAM, betas=BETAS, weight_decay=0.0)

    def step(self, factor: float) -> None:
        """One update at `factor` times the full rates; the gradients are used up."""
        torch.nn.utils.clip_grad_norm_(self.others, LARGEST_NORM)
        for group in self.adam.param_groups:
            group["lr"] = RATE_ADAM * factor
        self.adam.step()
        self.muon.step(RATE_MUON * factor)
        for parameter in self.parameters:
            parameter.grad = None

    def save(self, path: Path, progress: dict) -> None:
        """Write the model, what the optimisers remember, and how far the run is; a reader never sees half of it."""
        state = {
            "shape": self.model.shape.as_dict(),
            "model": self.model.state_dict(),
            "adam": self.adam.state_dict(),
            "muon": self.muon.momenta,
        }
        partial = path.with_suffix(".partial")
        torch.save(state | progress, partial)
        partial.replace(path)

    def restore(self, path: Path) -> dict:
        """Go on from a checkpoint; returns all of it."""
        saved = torch.load(path, map_location=self.parameters[0].device)
        self.model.load_state_dict(saved["model"])
        self.adam.load_state_dict(saved["adam"])
        self.muon.momenta = saved["muon"]
        return saved
