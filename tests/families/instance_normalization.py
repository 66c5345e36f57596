"""Instance and group normalisation; normalization.md 8 and 9."""

import numpy as np
from harness import Case, CaseError, New, pairwise


class MPSCNNGroupNormalizationNode(Case):
    """Attributes: `number_of_groups`, `epsilon`, and which of the data source's optional arrays it has."""

    source = "GroupNormalizationWeights"

    @property
    def groups(self):
        return self.attributes["number_of_groups"]

    def parameters(self, rng, integers):
        c = self.sources[0][2]
        values = {"gamma": rng.uniform(0.5, 2, c) * rng.choice([-1, 1], c), "beta": rng.standard_normal(c)}
        for name in self.attributes.get("without", ()):
            values[name] = np.full(c, {"gamma": 1.0, "beta": 0.0}[name])
        return {k: x.astype(np.float32).astype(np.float64) for k, x in values.items()}

    def draw_source(self, rng, index, shape):
        n, _, _, c = shape
        offset, scale = rng.uniform(-1, 1, (n, 1, 1, c)), rng.uniform(0.5, 2, (n, 1, 1, c))
        return offset + scale * rng.standard_normal(shape)

    def grouped(self, x):
        """n x h x w x groups x channels of a group."""
        return x.reshape(*x.shape[:3], self.groups, -1)

    def normalized(self, x):
        grouped = self.grouped(x)
        mean = grouped.mean((1, 2, 4), keepdims=True)
        variance = ((grouped - mean) ** 2).mean((1, 2, 4), keepdims=True)
        s = 1 / np.sqrt(variance + x.dtype.type(self.attributes.get("epsilon", 1e-5)))
        return ((grouped - mean) * s).reshape(x.shape), s

    def forward(self, v, training=False):
        return v["gamma"] * self.normalized(v["source0"])[0] + v["beta"]

    def gradients(self, v, g):
        xh, s = self.normalized(v["source0"])
        h, hx = self.grouped(v["gamma"] * g), self.grouped(xh)
        d = h - h.mean((1, 2, 4), keepdims=True) - hx * (h * hx).mean((1, 2, 4), keepdims=True)
        return {
            "source0": (s * d).reshape(g.shape),
            "gamma": (g * xh).sum((0, 1, 2)),
            "beta": g.sum((0, 1, 2)),
        }

    def terms(self, output):
        h, w, c = self.sources[0]
        return 4 + (h * w * c // self.groups if output in ("result", "source0") else self.batch * h * w)

    def node(self, sources, v):
        without = self.attributes.get("without", ())
        arrays = {k: v[k].astype(np.float32) for k in ("gamma", "beta") if k not in without}
        settings = {"epsilon": self.attributes.get("epsilon", 1e-5), "label": self.attributes.get("label")}
        if "number_of_groups" in self.attributes:
            settings["number_of_groups"] = self.groups
        return New(
            self.name, tuple(sources), {"data_source": New(self.source, (self.sources[0][2],), arrays | settings)}
        )


class MPSCNNInstanceNormalizationNode(MPSCNNGroupNormalizationNode):
    source = "InstanceNormalizationWeights"

    @property
    def groups(self):
        return self.sources[0][2]


def _pairs(cls, seed, **more):
    def make(image, channels, batch, epsilon, without, groups=None):
        exempt, a = {}, {"epsilon": epsilon} | ({"without": without} if without else {})
        if groups is not None:
            if channels % groups:
                raise CaseError("groups of unequal size")
            a["number_of_groups"] = groups
        if image == (1, 1):
            exempt["extents"] = "one pixel"
            if groups in (None, channels):
                exempt["zeros"] = "one number is its own mean: there is no gradient but for beta"
            elif channels < 4 * groups:
                raise CaseError("of two or three numbers there is little but rounding")
        return cls(((*image, channels),), a, batch, exempt=exempt)

    factors = {
        "image": [(1, 1), (1, 6), (7, 5)],
        "channels": [1, 3, 4, 8, 10],
        "batch": [1, 2],
        "epsilon": [0.0625, 0.25],
        "without": [(), ("beta",), ("gamma",), ("gamma", "beta")],
    }
    return pairwise(factors | more, make, seed)


CASES = [
    *_pairs(MPSCNNInstanceNormalizationNode, seed=1),
    *_pairs(MPSCNNGroupNormalizationNode, seed=2, groups=[1, 2, 3, 10]),
    MPSCNNInstanceNormalizationNode(((5, 7, 3),)),
    MPSCNNInstanceNormalizationNode(((5, 4, 10),), {"epsilon": 0.25}, 3),
    MPSCNNInstanceNormalizationNode(((6, 2, 17),), {}, 4),
    MPSCNNInstanceNormalizationNode(((9, 11, 1),), {"epsilon": 0.125}, 2),
    MPSCNNInstanceNormalizationNode(((3, 5, 130),), {"epsilon": 0.0625}, 2),
    MPSCNNInstanceNormalizationNode(((1, 6, 8),), {"without": ("beta",)}, 2),
    MPSCNNInstanceNormalizationNode(((4, 6, 5),), {"without": ("gamma",)}, 2),
    MPSCNNInstanceNormalizationNode(((4, 5, 6),), {"without": ("gamma", "beta"), "epsilon": 0.5}),
    MPSCNNInstanceNormalizationNode(((57, 49, 7),), {"epsilon": 0.125}, 3),
    MPSCNNInstanceNormalizationNode(((191, 187, 2),), {"epsilon": 0.125}),
    MPSCNNGroupNormalizationNode(((5, 7, 4),), {"number_of_groups": 2}),
    MPSCNNGroupNormalizationNode(((5, 4, 15),), {"number_of_groups": 5, "epsilon": 0.25}, 3),
    MPSCNNGroupNormalizationNode(((6, 2, 17),), {"number_of_groups": 1}, 3),
    MPSCNNGroupNormalizationNode(((6, 4, 9),), {"number_of_groups": 9, "epsilon": 0.125}, 2),
    MPSCNNGroupNormalizationNode(((1, 3, 24),), {"number_of_groups": 3, "without": ("beta",)}, 2),
    MPSCNNGroupNormalizationNode(((4, 3, 6),), {"number_of_groups": 3, "without": ("gamma",)}, 2),
    MPSCNNGroupNormalizationNode(((5, 3, 136),), {"number_of_groups": 4, "epsilon": 0.0625}, 2),
    MPSCNNGroupNormalizationNode(((1, 1, 14),), {"number_of_groups": 2}, 3, exempt={"extents": "one pixel"}),
    MPSCNNGroupNormalizationNode(((57, 49, 8),), {"number_of_groups": 2, "without": ("gamma", "beta")}, 3),
]
