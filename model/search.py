"""A small Gaussian process over the words of instructions, to ask whether scores can be predicted from wordings.

It is a yardstick for the model's data, not the search of the product: bag of words, Matérn 5/2, expected improvement.
"""

import math

import numpy
from numpy import ndarray

JITTER = 1e-6
LENGTHS = (0.5, 0.8, 1.2, 2.0, 3.5)  # times the median distance
NOISES = (1e-3, 1e-2, 1e-1)


def word_features(texts: list[str]) -> ndarray:
    """One column a word: whether the text has it."""
    words = sorted({word for text in texts for word in text.strip(".").split()})
    return numpy.array([[float(word in text.strip(".").split()) for word in words] for text in texts])


def distances(left: ndarray, right: ndarray) -> ndarray:
    square = (left**2).sum(1)[:, None] + (right**2).sum(1)[None] - 2 * left @ right.T
    return numpy.sqrt(numpy.maximum(square, 0))


def matern(distance: ndarray, length: float) -> ndarray:
    scaled = math.sqrt(5) * distance / length
    return (1 + scaled + scaled**2 / 3) * numpy.exp(-scaled)


def posterior(features: ndarray, paid: list[int], values: ndarray) -> tuple[ndarray, ndarray]:
    """Mean and deviation at every text of the pool; length and noise of the largest marginal likelihood."""
    middle, spread = values.mean(), values.std() + JITTER
    target = (values - middle) / spread
    apart = distances(features[paid], features[paid])
    to_pool = distances(features, features[paid])
    median = numpy.median(apart[apart > 0]) if (apart > 0).any() else 1.0
    best = None
    for length in LENGTHS:
        for noise in NOISES:
            covariance = matern(apart, length * median) + (noise + JITTER) * numpy.eye(len(paid))
            factor = numpy.linalg.cholesky(covariance)
            white = numpy.linalg.solve(factor, target)
            evidence = -0.5 * white @ white - numpy.log(numpy.diag(factor)).sum()
            if best is None or evidence > best[0]:
                best = (evidence, length * median, factor, white)
    _, length, factor, white = best
    solved = numpy.linalg.solve(factor, matern(to_pool, length).T)
    deviation = numpy.sqrt(numpy.maximum(1 - (solved**2).sum(0), 1e-8))
    return middle + spread * (solved.T @ white), spread * deviation


def expected_improvement(mean: ndarray, deviation: ndarray, best: float) -> ndarray:
    u = (mean - best) / deviation
    density = numpy.exp(-0.5 * u**2) / math.sqrt(2 * math.pi)
    below = 0.5 * (1 + numpy.array([math.erf(value / math.sqrt(2)) for value in u]))
    return deviation * (density + u * below)


def guided(features: ndarray, scores: ndarray, first: list[int], budget: int) -> float:
    """The best score among `budget` texts, the first ones given and the rest chosen by expected improvement."""
    paid = list(first)
    while len(paid) < min(budget, len(scores)):
        mean, deviation = posterior(features, paid, scores[paid])
        wanted = expected_improvement(mean, deviation, scores[paid].max())
        wanted[paid] = -1
        paid.append(int(wanted.argmax()))
    return float(scores[paid].max())


def gain_of_guidance(texts: list[str], values: list[float], budget: int, repeats: int, seed: int) -> float:
    """Mean lead of the guided over the random pick from one pool without duplicates, at the same budget."""
    rng = numpy.random.default_rng(seed)
    features, scores = word_features(texts), numpy.array(values)
    leads = []
    for _ in range(repeats):
        shuffled = rng.permutation(len(scores)).tolist()
        leads.append(guided(features, scores, shuffled[:10], budget) - float(scores[shuffled[:budget]].max()))
    return float(numpy.mean(leads))
