"""Prints what scipy and statsmodels return for fixed inputs, as JSON.

pip install scipy==1.17.1 statsmodels==0.15.0 && python make.py > statistics.json
"""

import json
import random
import warnings

import numpy as np
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower, TTestPower
from statsmodels.stats.proportion import proportion_confint

warnings.simplefilter("ignore")
draw = random.Random(0)


def differences(tasks, seeds, rows, between):
    """Paired differences of two decimals, with effects of tasks, seeds and rows."""
    world = []
    for _ in range(tasks):
        task = 0.1 + between * draw.gauss(0, 1)
        by_row = [draw.gauss(0, 0.2) for _ in range(rows)]
        by_seed = [draw.gauss(0, 0.1) for _ in range(seeds)]
        cell = lambda s, r: round(task + by_seed[s] + by_row[r] + draw.gauss(0, 0.15), 2)
        world.append([[cell(s, r) for r in range(rows)] for s in range(seeds)])
    return world


def student():
    cases = [(0.3, 1), (2.5, 1.7), (1.1, 4), (3.3, 8.25), (2.0, 29), (4.5, 120.5), (1.97, 5000)]
    return [{"t": t, "degrees": v, "p": 2 * stats.t.sf(t, v)} for t, v in cases]


def quantiles():
    cases = [(0.05, 1), (0.05, 2.5), (0.4, 9), (0.05, 47.3), (0.001, 12), (0.05, 1e5)]
    return [{"p": p, "degrees": v, "t": stats.t.isf(p / 2, v)} for p, v in cases]


def mcnemars():
    cases = [(6, 1), (0, 5), (10, 10), (1, 0), (40, 22), (300, 251), (7, 19)]
    out = []
    for b, c in cases:
        exact = mcnemar([[50, b], [c, 50]], exact=True).pvalue
        # The mid-p-value by its definition: outcomes as likely as the observed one count half.
        pmf = stats.binom.pmf(range(b + c + 1), b + c, 0.5)
        here = pmf[b]
        same = np.isclose(pmf, here, rtol=1e-9)
        mid = pmf[~same & (pmf < here)].sum() + 0.5 * pmf[same].sum()
        out.append({"b": b, "c": c, "exact": exact, "mid": mid})
    return out


def holms():
    cases = [[0.01, 0.04, 0.03], [0.5, 0.5, 0.01, 0.01, 0.2], [0.9], [0.02] * 8, [0.001, 0.3, 0.012, 0.049, 0.7]]
    return [{"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()} for p in cases]


def ranks():
    cases = [[0.5, 0.9, 0.5, 0.1], [0.2] * 5, [0.1, 0.2, 0.3], [1.0, 0.0, 1.0, 1.0, 0.5]]
    return [{"scores": x, "ranks": stats.rankdata([-v for v in x]).tolist()} for x in cases]


def wilsons():
    cases = [(0, 20), (7, 10), (50, 50), (81, 263), (1, 2)]
    out = []
    for hits, n in cases:
        low, high = proportion_confint(hits, n, method="wilson")
        out.append({"hits": hits, "n": n, "low": low, "high": high})
    return out


def trimmed():
    cases = [[[0.0, 0.4, 0.5], [0.5, 0.6, 0.7], [0.6, 1.0]], [[0.1, 0.9], [0.2, 0.3]], [[0.7, 0.1, 0.4, 0.4, 0.9]]]
    return [{"tasks": x, "mean": stats.trim_mean(sum(x, []), 0.25)} for x in cases]


def mixed():
    """Balanced tasks whose variance is above 0: restricted maximum likelihood on the tasks' means of seeds."""
    out = []
    for tasks, seeds, rows in [(4, 3, 6), (8, 2, 5), (12, 5, 4)]:
        world = differences(tasks, seeds, rows, 0.3)
        # One number a seed: a random effect of the task, and seeds within it.
        y = np.array([[np.mean(seed) for seed in task] for task in world])
        group = np.repeat(range(tasks), seeds)
        fit = MixedLM(y.ravel(), np.ones((y.size, 1)), group).fit(reml=True, tol=1e-12)
        t = stats.ttest_1samp(y.mean(axis=1), 0)
        interval = t.confidence_interval()
        out.append({
            "tasks": world, "mean": fit.fe_params[0], "error_of_mixed_model": fit.bse_fe[0],
            "p": t.pvalue, "low": interval.low, "high": interval.high,
        })
    return out


def two_way():
    """Errors of a mean with random seeds and rows from the mean squares of an analysis of variance."""
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm
    import pandas

    out = []
    for tasks, seeds, rows in [(1, 4, 8), (3, 3, 10), (5, 5, 6)]:
        world = differences(tasks, seeds, rows, 0.2)
        parts, squares = np.zeros(3), np.zeros(3)
        for task in world:
            cells = [(s, r, x) for s, seed in enumerate(task) for r, x in enumerate(seed)]
            frame = pandas.DataFrame(cells, columns=["seed", "row", "x"])
            table = anova_lm(ols("x ~ C(seed) + C(row)", frame).fit())
            part = table["mean_sq"].to_numpy() / (seeds * rows) / tasks**2
            parts += part
            squares += part**2 / table["df"].to_numpy()
        out.append({"tasks": world, "parts": parts.tolist(), "squares": squares.tolist()})
    return out


def welch():
    """One row, two tasks: the mean of two means has Welch's degrees of freedom."""
    a, b = [0.61, 0.70, 0.66, 0.72, 0.59], [0.31, 0.52, 0.40]
    # a + b, as the difference of a and -b.
    test = stats.ttest_ind(a, [-x for x in b], equal_var=False)
    interval = test.confidence_interval()
    return {"a": a, "b": b, "low": interval.low / 2, "high": interval.high / 2}


def survival():
    cases = [
        [(100, 1), (300, 1), (200, 1), (1000, 0), (1000, 0)],
        [(50, 1), (60, 1), (60, 1), (90, 1), (120, 1), (130, 0), (200, 1), (210, 1), (400, 0), (500, 1)],
        [(10 * k + 7 * (k % 3), k % 4 != 3) for k in range(1, 31)],
        [(5, 1), (9, 1), (14, 1), (20, 1), (30, 1), (31, 1), (33, 1), (60, 1)],
    ]
    out = []
    for runs in cases:
        fit = SurvfuncRight([c for c, _ in runs], [int(r) for _, r in runs])
        low, high = fit.quantile_ci(0.5, method="cloglog")
        known = lambda x: None if not np.isfinite(x) else int(x)
        # statsmodels' median is where S is below 1/2; the textbook's is where it is at most 1/2.
        at_most = [t for t, s in zip(fit.surv_times, fit.surv_prob) if s <= 0.5 + 1e-12]
        median = known(at_most[0]) if at_most else None
        out.append({"runs": [[c, bool(r)] for c, r in runs], "median": median, "low": known(low), "high": known(high)})
    return out


def power():
    out = []
    for difference, variance in [(0.1, 0.25), (0.05, 0.2), (0.3, 0.4), (0.02, 0.1)]:
        effect = difference / variance**0.5
        t = TTestPower().solve_power(effect, power=0.8, alpha=0.05)
        z = NormalIndPower(ddof=0).solve_power(effect, power=0.8, alpha=0.05, ratio=0)
        out.append({"difference": difference, "variance": variance, "t_rows": t, "z_rows": z})
    return out


cases = {
    "student": student(), "quantiles": quantiles(), "mcnemar": mcnemars(), "holm": holms(), "ranks": ranks(),
    "wilson": wilsons(), "trimmed": trimmed(), "mixed": mixed(), "two_way": two_way(), "welch": welch(),
    "survival": survival(), "power": power(),
}
print("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items()) + "\n}")
