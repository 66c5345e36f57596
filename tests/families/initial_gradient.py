"""The first gradient: ones; loss.md 8."""

import numpy as np
from harness import Case


class MPSNNInitialGradientNode(Case):
    exact = True
    differentiable = False
    starts_backward = True

    def forward(self, v, training=False):
        return np.ones_like(v["source0"])


CASES = [
    MPSNNInitialGradientNode(((1, 1, 1),), exempt={"extents": "one number"}),
    MPSNNInitialGradientNode(((5, 7, 3),), batch=2),
    MPSNNInitialGradientNode(((4, 6, 17),), batch=3),
]
