"""Writes the reference values of this folder.

    pip install mpmath==1.3.0 numpy==2.4.6 scipy==1.17.1 cmaes==0.13.1 cma==4.5.0
    python make.py [FOLDER]

Processes and special functions: mpmath with 50 digits, from the textbook formulas; gradients by
central differences with a step of 1e-15, so that they share nothing with the analytic ones.
Sobol points: scipy. CMA-ES: the package `cmaes` (its own generator replaced by numbers from numpy)
and the box map of `cma`. Everything is seeded; a second run writes the same bytes.
"""

import json
import pathlib
import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 50
VERSIONS = {"mpmath": mp.__version__, "numpy": np.__version__}
FLOOR = mp.mpf("1e-12")


def matern(a, b, ls):
    r = mp.sqrt(5 * mp.fsum(((x - y) / s) ** 2 for x, y, s in zip(a, b, ls)))
    return (1 + r + r * r / 3) * mp.exp(-r)


def matrix(rows, ls):
    return mp.matrix([[matern(a, b, ls) for b in rows] for a in rows])


def as_mp(rows):
    return [[mp.mpf(float(v)) for v in row] for row in rows]


class Case:
    """One process in 50 digits."""

    def __init__(self, case):
        self.case = case
        self.z, self.t = as_mp(case["z"]), as_mp(case["z_test"])
        self.n = len(self.z)
        self.jitter = mp.mpf(case["jitter"])
        self.y = self.outcomes([mp.mpf(v) for v in case["h"]])
        if "scores" in case:
            self.v = as_mp(case["scores"])
        hyper = case["hyper"]
        self.names = [k for k in ("ls_z", "ls_v", "outputscale", "noise", "mean") if k in hyper]
        self.hyper = {
            k: [mp.mpf(v) for v in (hyper[k] if isinstance(hyper[k], list) else [hyper[k]])]
            for k in self.names
        }

    def outcomes(self, h):
        mean = mp.fsum(h) / self.n
        square = mp.fsum((v - mean) ** 2 for v in h)
        sd = mp.sqrt(square / (self.n - 1)) if self.n > 1 else mp.mpf(0)
        if sd <= mp.mpf("1e-6") * max(abs(v) for v in h):
            return mp.matrix([0] * self.n)
        return mp.matrix([(v - mean) / (sd + mp.mpf("1e-9")) for v in h])

    def full(self, hyper, key, dim):
        return hyper[key] if len(hyper[key]) == dim else hyper[key] * dim

    def parts(self, hyper):
        """L, S, M, P, K."""
        ls = self.full(hyper, "ls_z", len(self.z[0]))
        latent, eye = matrix(self.z, ls), mp.eye(self.n)
        if self.case["kernel"] == "plain":
            return latent, None, None, None, hyper["outputscale"][0] * latent
        if self.case["kernel"] == "coupled-labels":
            rows = self.case["labels"]
            share = lambda a, b: mp.mpf(sum(x == y for x, y in zip(a, b))) / len(a)
            s = mp.matrix([[share(a, b) for b in rows] for a in rows])
        else:
            s = matrix(self.v, self.full(hyper, "ls_v", len(self.v[0])))
        m = mp.inverse(latent + self.jitter * eye)
        p = latent * m
        return latent, s, m, p, hyper["outputscale"][0] * (p * s * p.T)

    def log_likelihood(self, hyper):
        a = self.parts(hyper)[4] + hyper["noise"][0] * mp.eye(self.n)
        residual = self.y - mp.matrix([hyper["mean"][0]] * self.n)
        factor = mp.cholesky(a)
        half = mp.lu_solve(factor, residual)
        log_det = 2 * mp.fsum(mp.log(factor[i, i]) for i in range(self.n))
        return -((half.T * half)[0] + log_det + self.n * mp.log(2 * mp.pi)) / 2

    def gradient(self):
        step, out = mp.mpf("1e-15"), {}
        for name in self.names:
            out[name] = []
            for k in range(len(self.hyper[name])):
                at = lambda s: {**self.hyper, name: [
                    v + (s if i == k else 0) for i, v in enumerate(self.hyper[name])]}
                up, down = self.log_likelihood(at(step)), self.log_likelihood(at(-step))
                out[name].append((up - down) / (2 * step))
        return out

    def expect(self):
        hyper = self.hyper
        s2, n2, c = (hyper[k][0] for k in ("outputscale", "noise", "mean"))
        latent, s, m, p, k = self.parts(hyper)
        ls = self.full(hyper, "ls_z", len(self.z[0]))
        inverse = mp.inverse(k + n2 * mp.eye(self.n))
        alpha = inverse * (self.y - mp.matrix([c] * self.n))
        best = max(self.y)
        def weights(t):
            l = mp.matrix([matern(a, t, ls) for a in self.z])
            return m * l if s is not None else l
        def prior(a, b):
            if s is None:
                return s2 * matern(a, b, ls)
            return s2 * (weights(a).T * s * weights(b))[0]
        def cross(t):
            return s2 * (p * s * weights(t)) if s is not None else s2 * weights(t)
        fields = {"mean": [], "var": [], "prior_var": [], "var_official_batch": [], "ei": [], "log_ei": []}
        for t in self.t:
            kt, own = cross(t), prior(t, t)
            explained = (kt.T * inverse * kt)[0]
            mu, var = c + (kt.T * alpha)[0], own - explained
            sd = mp.sqrt(max(var, FLOOR))
            h = improvement((mu - best) / sd)
            for name, value in (("mean", mu), ("var", var), ("prior_var", own), ("ei", sd * h),
                                ("var_official_batch", prior(t, self.t[0]) - explained),
                                ("log_ei", mp.log(sd) + log_improvement((mu - best) / sd))):
                fields[name].append(value)
        every = hyper["ls_z"] + hyper.get("ls_v", [])
        out = {"y": list(self.y), "best_f": best, "L": latent, "K": k, **fields,
               "loglik": self.log_likelihood(hyper), "grad_loglik": self.gradient(),
               "logprior_ls_gamma_3_6": mp.fsum(log_gamma_density(v, 3, 6) for v in every),
               "logprior_noise_gamma_1.1_0.05": log_gamma_density(n2, mp.mpf("1.1"), mp.mpf("0.05")),
               "logprior_noise_lognormal_-4_1": log_normal_density(n2, -4, 1)}
        if s is not None:
            out["S"] = s
        return plain(out)


def log_gamma_density(x, shape, rate):
    return shape * mp.log(rate) - mp.loggamma(shape) + (shape - 1) * mp.log(x) - rate * x


def log_normal_density(x, mu, sigma):
    return -mp.log(x) - mp.log(sigma) - mp.log(2 * mp.pi) / 2 - ((mp.log(x) - mu) / sigma) ** 2 / 2


def improvement(u):
    return mp.exp(log_improvement(u))


def log_improvement(u):
    """log(phi(u) + u Phi(u)); the sum cancels to 1/u^2 of its terms, so digits are added."""
    u = mp.mpf(u)
    with mp.workdps(80):
        if u > -1:
            return mp.log(mp.npdf(u) + u * mp.ncdf(u))
        log_phi = -u * u / 2 - mp.log(2 * mp.pi) / 2
        if u < -1000:
            # The asymptotic series of Mills' ratio: 40 terms are exact to 80 digits here.
            series = mp.fsum((-1) ** k * mp.fac2(2 * k + 1) / u ** (2 * k) for k in range(40))
            return log_phi - 2 * mp.log(-u) + mp.log(series)
        mills = mp.sqrt(mp.pi / 2) * mp.erfc(-u / mp.sqrt(2)) * mp.exp(u * u / 2)
        return log_phi + mp.log(1 + u * mills)


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, mp.matrix):
        return [[float(value[i, j]) for j in range(value.cols)] for i in range(value.rows)]
    if isinstance(value, list):
        return [plain(v) for v in value]
    return float(value) if isinstance(value, mp.mpf) else value


def make_case(name, kernel, n, d, m, seed, **change):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 2, (n, m)).astype(float)
    case = {
        "name": name, "kernel": kernel, "jitter": 1e-4,
        "z": rng.uniform(0, 1, (n, d)), "z_test": rng.uniform(-0.5, 1.2, (4, d)),
        "hyper": {"ls_z": rng.uniform(0.2, 0.8, d), "ls_v": rng.uniform(0.5, 2.5, m),
                  "outputscale": 1.3, "noise": 0.02, "mean": 0.1},
        "scores": scores, "labels": rng.integers(0, 4, (n, m)), "h": scores.mean(axis=1),
    }
    case.update({k: v for k, v in change.items() if k != "hyper"})
    case["hyper"].update(change.get("hyper", {}))
    if kernel != "coupled-scores":
        del case["hyper"]["ls_v"], case["scores"]
    if kernel != "coupled-labels":
        del case["labels"]
    strip = lambda v: v.tolist() if isinstance(v, np.ndarray) else v
    case = {k: strip(v) for k, v in case.items()}
    case["hyper"] = {k: strip(v) for k, v in case["hyper"].items()}
    case["expect"] = Case(case).expect()
    return case


def processes():
    rng = np.random.default_rng(5)
    z = rng.uniform(0, 1, (6, 2))
    twice = np.vstack([z[:4], z[:2] + 1e-7])
    return [
        make_case("generic", "coupled-scores", 6, 2, 3, 1),
        make_case("labels", "coupled-labels", 6, 2, 5, 2),
        make_case("plain", "plain", 6, 2, 5, 3),
        make_case("isotropic", "plain", 5, 3, 5, 4, hyper={"ls_z": [0.7]}),
        make_case("near-duplicates", "coupled-scores", 6, 2, 3, 5, z=twice, hyper={"noise": 1e-4}),
        make_case("long-lengthscales", "coupled-scores", 6, 2, 3, 6,
                  hyper={"ls_z": [20.0, 30.0], "ls_v": [9.0, 9.0, 9.0], "noise": 1e-4}),
        make_case("one-point", "coupled-scores", 1, 2, 3, 7),
    ]


def functions():
    xs = [-5.0, -1.0, -0.5, -0.1, 0.0, 0.1, 0.46, 0.47, 1.0, 2.5, 3.99, 4.01, 10.0, 40.0, 1e3, 1e8]
    us = [5.0, 1.0, 0.3, 0.0, -0.5, -0.999, -1.001, -2.0, -5.0, -10.0, -30.0, -49.9, -50.1, -100.0,
          -1e3, -1e4, -1e5, -1e6]
    ls = [mp.mpf("0.5"), mp.mpf("1.5")]
    pairs = [([0.1, 0.2], [0.1, 0.2]), ([0.1, 0.2], [0.1, 0.2000001]), ([0.0, 0.0], [1.0, -2.0]),
             ([0.0, 0.0], [30.0, 1.0])]
    slope = lambda a, b, k: mp.diff(
        lambda v: matern(a, b, [v if i == k else s for i, s in enumerate(ls)]), ls[k])
    priors = [("gamma", 3.0, 6.0), ("gamma", 1.1, 0.05), ("log_normal", -4.0, 1.0),
              ("log_normal", 2.5, 1.7)]
    density = {"gamma": log_gamma_density, "log_normal": log_normal_density}
    at = [1e-4, 0.3, 1.0, 25.0]
    erfcx = lambda x: mp.exp(x * x) * mp.erfc(x) if x < 1e3 else mp.hyperu(0.5, 0.5, x * x) / mp.sqrt(mp.pi)
    m = lambda row: [mp.mpf(v) for v in row]
    return plain({
        "erfcx": [[x, erfcx(mp.mpf(x))] for x in xs],
        "normal_cdf": [[x, mp.ncdf(mp.mpf(x))] for x in (-30.0, -5.0, -1.0, 0.0, 0.7, 3.0)],
        "log_ei": [[u, log_improvement(u)] for u in us],
        "ei": [[u, improvement(u)] for u in us if u >= -30],
        "matern": [{"a": a, "b": b, "ls": ls, "value": matern(m(a), m(b), ls),
                    "gradient": [slope(m(a), m(b), k) for k in range(2)]} for a, b in pairs],
        "priors": [{"name": name, "a": a, "b": b, "x": at,
                    "log_density": [density[name](mp.mpf(x), mp.mpf(a), mp.mpf(b)) for x in at],
                    "gradient": [mp.diff(lambda x: density[name](x, mp.mpf(a), mp.mpf(b)), mp.mpf(x))
                                 for x in at]}
                   for name, a, b in priors],
    })


def sobol():
    import scipy
    from scipy.stats import qmc
    VERSIONS["scipy"] = scipy.__version__
    points = qmc.Sobol(d=160, scramble=False, bits=52).random(64)
    return {"dim": 160, "points": points[[1, 2, 3, 30, 63]].tolist(), "rows": [1, 2, 3, 30, 63]}


def cma_es():
    import cma
    import cmaes
    from cma import transformations
    VERSIONS["cmaes"], VERSIONS["cma"] = cmaes.__version__, cma.__version__.split()[0]
    transformations.linquad_margin_width = transformations.margin_width1
    box = transformations.BoxConstraintsLinQuadTransformation([[-1.0, 1.0], [2.0, 30.0]])
    outside = [[x, 16.0 + 14.0 * x] for x in np.linspace(-4.1, 4.3, 29).tolist()]
    inside = [[x, 16.0 + 14.0 * x] for x in np.linspace(-1, 1, 21).tolist()]
    n, popsize, generations = 3, 8, 6
    rng = np.random.default_rng(0)
    run = cmaes.CMA(mean=np.array([0.3, -0.2, 0.5]), sigma=0.7, population_size=popsize, seed=1)
    steps = []
    for _ in range(generations):
        sigma, mean = run._sigma, run._mean.copy()
        told, rows = [], []
        for _ in range(popsize):
            y = rng.normal(size=n) * np.array([1.0, 0.5, 2.0])
            x = mean + sigma * y
            rows.append(y.tolist())
            told.append((x, float(np.sum(x * x * np.array([1.0, 10.0, 100.0])))))
        run.tell(list(told))  # it sorts its argument
        order = np.argsort([v for _, v in told], kind="stable")
        steps.append({"steps": [rows[i] for i in order], "mean": run._mean.tolist(),
                      "sigma": float(run._sigma), "covariance": run._C.tolist()})
    return {
        "start": [0.3, -0.2, 0.5], "sigma0": 0.7, "popsize": popsize, "generations": steps,
        "box": {"lower": [-1.0, 2.0], "upper": [1.0, 30.0],
                "fold": [{"x": x, "y": np.asarray(box.transform(np.array(x))).tolist()} for x in outside],
                "unfold": [{"x": x, "y": np.asarray(box.inverse(np.array(x))).tolist()} for x in inside]},
    }


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    parts = {"processes": {"cases": processes()}, "functions": functions(), "sobol": sobol(),
             "cma_es": cma_es()}
    for name, value in parts.items():
        header = {"made_by": "make.py", "versions": VERSIONS}
        (folder / f"{name}.json").write_text(json.dumps({**header, **value}) + "\n")


if __name__ == "__main__":
    main()
