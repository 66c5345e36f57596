"""Softmax and its logarithm over the channels of a pixel; softmax.md 2 and 3."""

import numpy as np
from harness import Case, pairwise


def softmax(v):
    e = np.exp(v - v.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def log_softmax(v):
    shifted = v - v.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


class MPSCNNSoftMaxNode(Case):
    def forward(self, v, training=False):
        return softmax(v["source0"])

    def gradients(self, v, g):
        y = softmax(v["source0"])
        return {"source0": y * (g - (g * y).sum(-1, keepdims=True))}

    def draw_source(self, rng, index, shape):
        return 2 * rng.standard_normal(shape)

    def terms(self, output):
        return 6 + 2 * self.sources[0][2]  # the exponential, the sum, the dot product of the gradient


class MPSCNNLogSoftMaxNode(MPSCNNSoftMaxNode):
    def forward(self, v, training=False):
        return log_softmax(v["source0"])

    def gradients(self, v, g):
        return {"source0": g - np.exp(log_softmax(v["source0"])) * g.sum(-1, keepdims=True)}


def _pairs(cls, seed):
    def make(image, channels, batch):
        exempt = {"extents": "one pixel"} if image == (1, 1) else {}
        if channels == 1:
            exempt["zeros"] = "the only channel has probability 1"
        return cls(((*image, channels),), {}, batch, exempt=exempt)

    factors = {"image": [(1, 1), (1, 6), (7, 5)], "channels": [1, 2, 3, 8, 10, 64], "batch": [1, 4]}
    return pairwise(factors, make, seed)


CASES = [
    *_pairs(MPSCNNSoftMaxNode, seed=1),
    *_pairs(MPSCNNLogSoftMaxNode, seed=2),
    *(
        cls(((h, w, c),), batch=batch, exempt={"extents": "one pixel"} if h == w else {})
        for cls in (MPSCNNSoftMaxNode, MPSCNNLogSoftMaxNode)
        for h, w, c, batch in [(5, 7, 3, 1), (2, 3, 4, 1), (4, 3, 10, 2), (3, 6, 17, 2), (1, 2, 33, 3), (1, 1, 9, 3)]
    ),
]
