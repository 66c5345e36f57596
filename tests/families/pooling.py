"""Pooling: the largest value or the mean of each window, without going beyond the image (edge mode Clamp)."""

import numpy as np
from harness import Array, Case, Padding, Values, pairwise, placement


class Pooling(Case):
    exact = True

    def windows(self, shape):
        """For every result pixel the rows and columns of its window, cut to the image, and the divisor of its mean."""
        a, padding = self.attributes, Padding.Same if self.padding is None else self.padding
        h, w = shape[1:3]
        (rows, top), (columns, left) = (
            placement(h, a["kernel_height"], a["stride_in_pixels_y"], padding, "y"),
            placement(w, a["kernel_width"], a["stride_in_pixels_x"], padding, "x"),
        )
        # ExcludeEdges: the padding on the low side counts in the divisor, on both sides.
        zx, zy = (max(0, -left), max(0, -top)) if padding & Padding.ExcludeEdges else (0, 0)
        for j, i in np.ndindex(rows, columns):
            y, x = top + j * a["stride_in_pixels_y"], left + i * a["stride_in_pixels_x"]
            y1, x1 = y + a["kernel_height"], x + a["kernel_width"]
            count = max(0, min(y1, h + zy) - max(y, -zy)) * max(0, min(x1, w + zx) - max(x, -zx))
            yield (slice(None), j, i), np.s_[:, max(y, 0) : max(y1, 0), max(x, 0) : max(x1, 0)], count

    def result(self, x: Array) -> Array:
        last = [index for index, *_ in self.windows(x.shape)][-1]
        return np.zeros((x.shape[0], last[1] + 1, last[2] + 1, x.shape[3]), x.dtype)

    def terms(self, output):
        return self.attributes["kernel_width"] * self.attributes["kernel_height"]


class MPSCNNPoolingMaxNode(Pooling):
    """pooling.md 3 and 6. Among integers there are ties: the first tap in row-major order wins."""

    def forward(self, v, training=False):
        y = self.result(v["source0"])
        for pixel, window, _ in self.windows(v["source0"].shape):
            y[pixel] = v["source0"][window].max((1, 2))
        return y

    def gradients(self, v, g):
        d = np.zeros_like(v["source0"])
        for pixel, window, _ in self.windows(d.shape):
            x = v["source0"][window]
            n, h, w, c = x.shape
            first = x.reshape(n, h * w, c).argmax(1)  # the first largest in row-major order takes it all
            d[window] += g[pixel][:, None, None] * (np.arange(h * w).reshape(1, h, w, 1) == first[:, None, None])
        return {"source0": d}

    def kink_distance(self, v: Values) -> float:
        gaps = [np.inf]
        for _, window, _ in self.windows(v["source0"].shape):
            x = v["source0"][window]
            ordered = np.sort(x.reshape(x.shape[0], -1, x.shape[3]), axis=1)
            if ordered.shape[1] > 1:
                gaps.append((ordered[:, -1] - ordered[:, -2]).min())
        return float(min(gaps))


class MPSCNNPoolingAverageNode(Pooling):
    """pooling.md 4 and 6."""

    exact = False  # it divides

    def forward(self, v, training=False):
        y = self.result(v["source0"])
        for pixel, window, count in self.windows(v["source0"].shape):
            y[pixel] = v["source0"][window].sum((1, 2)) / max(count, 1)
        return y

    def gradients(self, v, g):
        d = np.zeros_like(v["source0"])
        for pixel, window, count in self.windows(d.shape):
            d[window] += g[pixel][:, None, None] / max(count, 1)
        return {"source0": d}


def _cases(cls, paddings, seed):
    def make(image, channels, batch, kernel, stride, padding):
        exempt = {}
        if image == (1, 1):
            exempt |= {"extents": "one pixel", "copy": "a window of one pixel returns it"}
        if stride == (1, 1):
            exempt["axes"] = "stride 1 is the overlapping pooling everybody uses"
        attributes = {
            "kernel_width": kernel[0],
            "kernel_height": kernel[1],
            "stride_in_pixels_x": stride[0],
            "stride_in_pixels_y": stride[1],
        }
        return cls(((*image, channels),), attributes, batch, padding, exempt)

    factors = {
        "image": [(1, 1), (1, 6), (5, 7), (8, 6), (9, 4)],
        "channels": [1, 3, 8, 10, 17],
        "batch": [1, 3],
        "kernel": [(2, 3), (3, 2), (4, 2), (5, 3), (2, 5)],
        "stride": [(1, 1), (2, 1), (1, 2), (3, 2), (4, 5)],
        "padding": paddings,
    }
    return pairwise(factors, make, seed)


_SAME_OR_VALID = [
    None,
    Padding.Same | Padding.BottomRight,
    Padding.Same | Padding.TopRight,
    Padding.Same | Padding.AlignTopLeft,
    Padding.Same | Padding.AlignBottomRight,
    Padding.Valid,
    Padding.Valid | Padding.BottomRight,
    Padding.Full,
    Padding.Full | Padding.BottomLeft,
]

CASES = [
    *_cases(MPSCNNPoolingMaxNode, _SAME_OR_VALID, seed=1),
    *_cases(
        MPSCNNPoolingAverageNode,
        [
            *_SAME_OR_VALID,
            Padding.Same | Padding.ExcludeEdges,
            Padding.Full | Padding.ExcludeEdges | Padding.BottomRight,
        ],
        seed=2,
    ),
    # A global average: the window is the image.
    MPSCNNPoolingAverageNode(
        ((6, 7, 5),),
        {"kernel_width": 7, "kernel_height": 6, "stride_in_pixels_x": 7, "stride_in_pixels_y": 6},
        2,
        Padding.Valid,
    ),
]
