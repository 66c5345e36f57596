"""Batch normalisation; normalization.md 7.3 to 7.6."""

import numpy as np
from harness import Case, Member, New, pairwise


class MPSCNNBatchNormalizationNode(Case):
    """Attributes: `flags`, and which of the data source's optional arrays it has."""

    def batch_statistics(self, training):
        match self.attributes.get("flags", "CalculateStatisticsAutomatic"):
            case "CalculateStatisticsAutomatic":
                return training
            case "CalculateStatisticsAlways":
                return True
            case "CalculateStatisticsNever":
                return False

    def parameters(self, rng, integers):
        c = self.sources[0][2]
        values = {
            "gamma": rng.uniform(0.5, 2, c) * rng.choice([-1, 1], c),
            "beta": rng.standard_normal(c),
            "mean": rng.standard_normal(c),
            "variance": rng.uniform(0.3, 3, c),
        }
        neutral = {"gamma": np.ones(c), "beta": np.zeros(c), "mean": np.zeros(c), "variance": np.ones(c)}
        for name in self.attributes.get("without", ()):
            values[name] = neutral[name]
        return {k: x.astype(np.float32).astype(np.float64) for k, x in values.items()}

    def draw_source(self, rng, index, shape):
        offset = rng.uniform(-1, 1, shape[3])
        return offset + rng.uniform(0.5, 2, shape[3]) * rng.standard_normal(shape)

    def normalized(self, v, training):
        x = v["source0"]
        mean, variance = v["mean"], v["variance"]
        if self.batch_statistics(training):
            mean = x.mean((0, 1, 2))
            variance = ((x - mean) ** 2).mean((0, 1, 2))
        s = 1 / np.sqrt(variance + x.dtype.type(self.attributes.get("epsilon", 1e-5)))
        return (x - mean) * s, s

    def forward(self, v, training=False):
        return v["gamma"] * self.normalized(v, training)[0] + v["beta"]

    def gradients(self, v, g):
        xh, s = self.normalized(v, True)
        gamma, beta = (g * xh).sum((0, 1, 2)), g.sum((0, 1, 2))
        d = g
        if self.batch_statistics(True):
            m = g[..., 0].size
            d = g - beta / m - xh * gamma / m
        return {"source0": v["gamma"] * s * d, "gamma": gamma, "beta": beta}

    def terms(self, output):
        h, w, _ = self.sources[0]
        return 4 + self.batch * h * w

    def node(self, sources, v):
        without = self.attributes.get("without", ())
        arrays = {k: v[k].astype(np.float32) for k in ("gamma", "beta", "mean", "variance") if k not in without}
        data_source = New(
            "BatchNormalizationWeights",
            (self.sources[0][2],),
            arrays | {"epsilon": self.attributes.get("epsilon", 1e-5), "label": self.attributes.get("label")},
        )
        flags = self.attributes.get("flags")
        return New(
            self.name,
            tuple(sources),
            {"data_source": data_source},
            {} if flags is None else {"flags": Member("MPSCNNBatchNormalizationFlags", flags)},
        )


_ALWAYS, _NEVER = {"flags": "CalculateStatisticsAlways"}, {"flags": "CalculateStatisticsNever"}


def _pairs(image, channels, batch, flags, epsilon, without):
    exempt, a = {}, flags | {"epsilon": epsilon} | ({"without": without} if without else {})
    if image == (1, 1):
        exempt["extents"] = "one pixel"
        if batch == 1 and flags != _NEVER:
            exempt["zeros"] = "one number is its own mean: there is no gradient but for beta"
    return MPSCNNBatchNormalizationNode(((*image, channels),), a, batch, exempt=exempt)


CASES = [
    *pairwise(
        {
            "image": [(1, 1), (1, 6), (5, 7)],
            "channels": [1, 3, 8, 10, 17],
            "batch": [1, 4],
            "flags": [{}, _ALWAYS, _NEVER],
            "epsilon": [0.0625, 0.25],
            "without": [(), ("beta",), ("gamma",), ("gamma", "beta"), ("mean", "variance")],
        },
        _pairs,
        seed=1,
    ),
    MPSCNNBatchNormalizationNode(((5, 7, 3),)),
    MPSCNNBatchNormalizationNode(((5, 4, 10),), {"epsilon": 0.25}, 3),
    MPSCNNBatchNormalizationNode(((6, 2, 17),), {"flags": "CalculateStatisticsAutomatic"}, 3),
    MPSCNNBatchNormalizationNode(((4, 5, 3),), _ALWAYS),
    MPSCNNBatchNormalizationNode(((3, 5, 9),), _ALWAYS, 2),
    MPSCNNBatchNormalizationNode(((7, 4, 6),), _NEVER),
    MPSCNNBatchNormalizationNode(((3, 7, 5),), _NEVER | {"epsilon": 0.125}, 2),
    MPSCNNBatchNormalizationNode(((1, 1, 7),), {"epsilon": 0.125}, 3, exempt={"extents": "one pixel"}),
    MPSCNNBatchNormalizationNode(((4, 3, 6),), {"without": ("beta",)}, 2),
    MPSCNNBatchNormalizationNode(((4, 6, 5),), _NEVER | {"without": ("gamma", "beta")}, 2),
]
