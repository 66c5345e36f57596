"""Concatenation along the channels, every source padded with zero channels to a multiple of 4; graph.md 12."""

import numpy as np
from harness import Case, CaseError, New, pairwise


class MPSNNConcatenationNode(Case):
    exact = True

    def offsets(self):
        padded = [4 * -(-c // 4) for *_, c in self.sources]
        return [sum(padded[:i]) for i in range(len(padded) + 1)]

    def forward(self, v, training=False):
        x = self.source_arrays(v)
        y = np.zeros((*x[0].shape[:3], self.offsets()[-1]), x[0].dtype)
        for xi, offset in zip(x, self.offsets(), strict=False):
            y[..., offset : offset + xi.shape[3]] = xi
        return y

    def gradients(self, v, g):
        return {
            f"source{i}": g[..., offset : offset + shape[2]]
            for i, (shape, offset) in enumerate(zip(self.sources, self.offsets(), strict=False))
        }

    def node(self, sources, v):
        return New(self.name, (list(sources),))


def _pairs(image, first, second, third, batch):
    """Channels of up to three sources; 0 is none."""
    if third and not second:
        raise CaseError("no second source")
    exempt = {"extents": "one pixel"} if image == (1, 1) else {}
    channels = [c for c in (first, second, third) if c]
    if len(channels) == 1:
        exempt["copy"] = "one source alone"
    return MPSNNConcatenationNode(tuple((*image, c) for c in channels), {}, batch, exempt=exempt)


CASES = [
    MPSNNConcatenationNode(((5, 7, 4), (5, 7, 8))),
    MPSNNConcatenationNode(((5, 7, 3), (5, 7, 6)), batch=2),
    MPSNNConcatenationNode(((6, 5, 1), (6, 5, 10), (6, 5, 7)), batch=3),
    MPSNNConcatenationNode(((4, 3, 9),), batch=2),
    MPSNNConcatenationNode(((1, 1, 2), (1, 1, 5), (1, 1, 4), (1, 1, 13)), exempt={"extents": "one pixel"}),
    *pairwise(
        {
            "image": [(1, 1), (1, 7), (6, 1), (5, 9)],
            "first": [1, 2, 4, 8, 11],
            "second": [0, 1, 3, 8, 17],
            "third": [0, 3, 4, 10],
            "batch": [1, 2],
        },
        _pairs,
        seed=1,
    ),
]
