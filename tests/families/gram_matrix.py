"""Gram matrix: alpha times the products of the channels with each other, summed over the pixels; graph.md 19."""

import numpy as np
from harness import Case, pairwise


class MPSNNGramMatrixCalculationNode(Case):
    exact = True

    @property
    def alpha(self) -> float:
        return self.attributes.get("alpha", 1)

    def forward(self, v, training=False):
        x = v["source0"]
        return np.einsum("nyxi,nyxj->nij", x, x)[:, None] * np.array(self.alpha, x.dtype)

    def gradients(self, v, g):
        both = g[:, 0] + g[:, 0].transpose(0, 2, 1)
        return {"source0": np.einsum("nyxj,nij->nyxi", v["source0"], both) * np.array(self.alpha, g.dtype)}

    def terms(self, output):
        h, w, c = self.sources[0]
        return h * w if output == "result" else 2 * c


def _make(image, channels, batch, alpha):
    exempt = {}
    if 1 in image:
        exempt["extents"] = "one pixel"
    if channels == 1:
        exempt["copy"] = "the gradient of a square of one"
    return MPSNNGramMatrixCalculationNode(
        ((*image, channels),), {} if alpha == 1 else {"alpha": alpha}, batch, exempt=exempt
    )


CASES = pairwise(
    {
        "image": [(1, 1), (5, 7), (11, 9), (23, 31)],
        "channels": [1, 3, 8, 10, 17, 64, 70],
        "batch": [1, 2],
        "alpha": [1, -0.25],
    },
    _make,
    seed=6,
)
