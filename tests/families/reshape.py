"""Reshape: the same numbers in the order y, x, channel; resampling.md 8."""

from harness import Case


class MPSNNReshapeNode(Case):
    exact = True

    def forward(self, v, training=False):
        a = self.attributes
        return v["source0"].reshape(-1, a["result_height"], a["result_width"], a["result_feature_channels"])

    def gradients(self, v, g):
        return {"source0": g.reshape(v["source0"].shape)}


def _case(source, result, batch=1, **exempt):
    names = ("result_height", "result_width", "result_feature_channels")
    return MPSNNReshapeNode((source,), dict(zip(names, result, strict=True)), batch, exempt=exempt)


CASES = [
    _case((2, 3, 4), (4, 3, 2)),
    _case((2, 3, 4), (1, 2, 12), 3, extents="3 x 3 images"),
    _case((5, 7, 3), (7, 3, 5), 2),
    _case((4, 6, 10), (1, 1, 240), 3, axes="one pixel"),
    _case((1, 1, 255), (3, 5, 17), 2, extents="one pixel"),
    _case((8, 9, 1), (3, 2, 12), 4),
    _case((3, 5, 8), (3, 5, 8), 2, copy="the same size"),
]
