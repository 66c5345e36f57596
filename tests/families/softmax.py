"""Softmax and its logarithm over the channels of a pixel; softmax.md 2 and 3."""

import numpy as np
from harness import Case


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


CASES = [
    cls(((h, w, c),), batch=batch, exempt={"extents": "one pixel"} if h == w else {})
    for cls in (MPSCNNSoftMaxNode, MPSCNNLogSoftMaxNode)
    for h, w, c, batch in [(5, 7, 3, 1), (2, 3, 4, 1), (4, 3, 10, 2), (3, 6, 17, 2), (1, 2, 33, 3), (1, 1, 9, 3)]
]
