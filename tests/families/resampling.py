"""Upsampling and scaling: every result pixel is a weighted sum of source pixels, along y and along x."""

import numpy as np
from harness import Array, Case, New, pairwise


class Resampling(Case):
    """Linear and separable: a matrix for each axis, result x source."""

    def matrices(self, shape) -> tuple[Array, Array]:
        raise NotImplementedError

    def forward(self, v, training=False):
        x = v["source0"]
        rows, columns = (m.astype(x.dtype) for m in self.matrices(x.shape))
        return np.einsum("yj,xi,njic->nyxc", rows, columns, x)

    def gradients(self, v, g):
        rows, columns = (m.astype(g.dtype) for m in self.matrices(v["source0"].shape))
        return {"source0": np.einsum("yj,xi,nyxc->njic", rows, columns, g)}

    def terms(self, output):
        axis = 0 if output == "source0" else 1
        shape = (self.batch, *self.sources[0])
        return int(np.prod([(m != 0).sum(axis).max() for m in self.matrices(shape)]))


def two_taps(source: int, positions: Array, clamp: bool) -> Array:
    """Each position lies among the centres of the source pixels."""
    matrix = np.zeros((len(positions), source))
    for i, u in enumerate(positions):
        k = int(np.floor(u))
        for tap, weight in ((k, 1 - (u - k)), (k + 1, u - k)):
            if clamp or 0 <= tap < source:
                matrix[i, min(max(tap, 0), source - 1)] += weight
    return matrix


class MPSCNNUpsamplingNearestNode(Resampling):
    """resampling.md 2.1."""

    exact = True

    def matrices(self, shape):
        return tuple(
            np.repeat(np.eye(length), self.attributes[f"integer_scale_factor_{axis}"], axis=0)
            for axis, length in (("y", shape[1]), ("x", shape[2]))
        )


class MPSCNNUpsamplingBilinearNode(Resampling):
    """resampling.md 2.2, edge mode Zero."""

    def matrices(self, shape):
        made = []
        for axis, length in (("y", shape[1]), ("x", shape[2])):
            factor = self.attributes[f"integer_scale_factor_{axis}"]
            x = np.arange(length * factor)
            if self.attributes.get("align_corners", False):
                positions = x * (length - 1) / max(len(x) - 1, 1)
            else:
                positions = (x + 0.5) / factor - 0.5
            made.append(two_taps(length, positions, clamp=False))
        return tuple(made)


class Scale(Resampling):
    differentiable = False

    def matrices(self, shape):
        width, height, _ = self.attributes["output_size"]
        return self.matrix(shape[1], height), self.matrix(shape[2], width)

    def matrix(self, source: int, result: int) -> Array:
        raise NotImplementedError

    def node(self, sources, v):
        return New(self.name, tuple(sources), {"output_size": New("MTLSize", self.attributes["output_size"])})

    def positions(self, source: int, result: int) -> Array:
        return (np.arange(result) + 0.5) * source / result - 0.5


class MPSNNBilinearScaleNode(Scale):
    """resampling.md 3.1 (OPEN SCALE-1: edge mode Clamp)."""

    def matrix(self, source, result):
        return two_taps(source, self.positions(source, result), clamp=True)


class MPSNNLanczosScaleNode(Scale):
    """resampling.md 3.2 (OPEN SCALE-2)."""

    def matrix(self, source, result):
        r = max(1.0, source / result)
        matrix = np.zeros((result, source))
        for i, u in enumerate(self.positions(source, result)):
            taps = np.arange(np.ceil(u - 3 * r), np.floor(u + 3 * r) + 1)
            z = (taps - u) / r
            weights = np.where(np.abs(z) < 3, np.sinc(z) * np.sinc(z / 3), 0)
            np.add.at(matrix[i], taps.clip(0, source - 1).astype(int), weights / weights.sum())
        return matrix


IMAGES = [(1, 1), (1, 5), (6, 1), (3, 7), (9, 4)]


def _upsampling(cls, seed, **more):
    def make(image, channels, batch, factor, **attributes):
        exempt = {}
        if image == (1, 1):
            exempt |= {"extents": "one pixel", "copy": "one pixel is repeated"}
        if factor == (1, 1):
            exempt |= {"axes": "factor 1 copies", "copy": "factor 1 copies"}
        factors = {"integer_scale_factor_x": factor[0], "integer_scale_factor_y": factor[1]}
        return cls(((*image, channels),), factors | attributes, batch, None, exempt)

    factors = {
        "image": IMAGES,
        "channels": [1, 3, 8, 10, 17],
        "batch": [1, 2],
        "factor": [(1, 1), (2, 1), (1, 3), (2, 3), (4, 2), (5, 7)],
    }
    return pairwise(factors | more, make, seed)


def _scaling(cls, seed):
    def make(image, channels, batch, size):
        exempt = {"extents": "one pixel", "copy": "one pixel is repeated"} if image == (1, 1) else {}
        return cls(((*image, channels),), {"output_size": (*size, 1)}, batch, None, exempt)

    factors = {
        "image": [*IMAGES, (13, 16)],
        "channels": [1, 3, 8, 10, 17],
        "batch": [1, 2],
        "size": [(1, 1), (2, 3), (5, 4), (11, 6), (15, 20)],
    }
    return pairwise(factors, make, seed)


CASES = [
    *_upsampling(MPSCNNUpsamplingNearestNode, seed=1),
    *_upsampling(MPSCNNUpsamplingBilinearNode, seed=2, align_corners=[False, True]),
    *_scaling(MPSNNBilinearScaleNode, seed=3),
    *_scaling(MPSNNLanczosScaleNode, seed=4),
    # More than one thread.
    MPSCNNUpsamplingNearestNode(((23, 31, 12),), {"integer_scale_factor_x": 2, "integer_scale_factor_y": 3}, 3),
    MPSCNNUpsamplingBilinearNode(((23, 31, 12),), {"integer_scale_factor_x": 3, "integer_scale_factor_y": 2}, 4),
]
