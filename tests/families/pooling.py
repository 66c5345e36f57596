"""Pooling: the largest value, the mean or the norm of each window, without going beyond the image (edge mode Clamp).

With the edge mode Zero (the attribute `edges`) there are zeros beyond it.
"""

import functools

import numpy as np
from harness import Array, Case, CaseError, Padding, Values, draw, pairwise, placement


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
            if "edges" in a:
                count = a["kernel_height"] * a["kernel_width"]
            yield (slice(None), j, i), np.s_[:, max(y, 0) : max(y1, 0), max(x, 0) : max(x1, 0)], count

    def result(self, x: Array) -> Array:
        last = [index for index, *_ in self.windows(x.shape)][-1]
        return np.zeros((x.shape[0], last[1] + 1, last[2] + 1, x.shape[3]), x.dtype)

    def meets_zeros(self, window: Array) -> bool:
        """Some of the window lies outside, and what lies there counts."""
        size = self.attributes["kernel_height"] * self.attributes["kernel_width"]
        return "edges" in self.attributes and window.shape[1] * window.shape[2] < size

    def terms(self, output):
        return self.attributes["kernel_width"] * self.attributes["kernel_height"]


class MPSCNNPoolingMaxNode(Pooling):
    """pooling.md 3 and 6. Among integers there are ties: the first tap in row-major order wins."""

    def forward(self, v, training=False):
        y = self.result(v["source0"])
        for pixel, window, _ in self.windows(v["source0"].shape):
            x = v["source0"][window]
            y[pixel] = x.max((1, 2), initial=0 if self.meets_zeros(x) else -np.inf)
        return y

    def gradients(self, v, g):
        d = np.zeros_like(v["source0"])
        for pixel, window, _ in self.windows(d.shape):
            x = v["source0"][window]
            n, h, w, c = x.shape
            first = x.reshape(n, h * w, c).argmax(1)  # the first largest in row-major order takes it all
            passed = np.where(x.max((1, 2)) < 0, 0, g[pixel]) if self.meets_zeros(x) else g[pixel]
            d[window] += passed[:, None, None] * (np.arange(h * w).reshape(1, h, w, 1) == first[:, None, None])
        return {"source0": d}

    def kink_distance(self, v: Values) -> float:
        gaps = [np.inf]
        for _, window, _ in self.windows(v["source0"].shape):
            x = v["source0"][window]
            taps = x.reshape(x.shape[0], -1, x.shape[3])
            ordered = np.sort(np.pad(taps, ((0, 0), (0, self.meets_zeros(x)), (0, 0))), axis=1)
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


class Taps(Case):
    """Windows tap by tap: a tap outside the image reads the nearest edge pixel, or 0, and gets no gradient (OPEN P3, P5)."""

    def windows(self, shape):
        """For every result pixel the rows and columns of its taps, also of those outside."""
        a, padding = self.attributes, Padding.Same if self.padding is None else self.padding
        axes = []
        for axis, size, length in (("y", "height", shape[1]), ("x", "width", shape[2])):
            steps = np.arange(a[f"kernel_{size}"]) * a.get(f"dilation_rate_{axis}", 1)
            stride = a[f"stride_in_pixels_{axis}"]
            result, first = placement(length, int(steps[-1]) + 1, stride, padding, axis)
            axes.append([first + stride * i + steps for i in range(result)])
        for j, i in np.ndindex(len(axes[0]), len(axes[1])):
            yield (slice(None), j, i), axes[0][j], axes[1][i]

    def result(self, x: Array) -> Array:
        last = [index for index, *_ in self.windows(x.shape)][-1]
        return np.zeros((x.shape[0], last[1] + 1, last[2] + 1, x.shape[3]), x.dtype)

    def inside(self, shape, rows, columns):
        return ((rows >= 0) & (rows < shape[1]))[:, None] & ((columns >= 0) & (columns < shape[2]))

    def read(self, x: Array, rows, columns):
        """N x rows x columns x C."""
        nearest = x[:, rows.clip(0, x.shape[1] - 1)][:, :, columns.clip(0, x.shape[2] - 1)]
        return nearest * self.inside(x.shape, rows, columns)[..., None] if "edges" in self.attributes else nearest

    def terms(self, output):
        return self.attributes["kernel_width"] * self.attributes["kernel_height"]


@functools.cache
def _drawn(case: Case) -> Array:
    return draw(case)["source0"]


class MPSCNNPoolingL2NormNode(Taps):
    """pooling.md 5 and 6."""

    def terms(self, output):
        return super().terms(output) * (1 if output == "result" else 2)  # windows, each with the taps of its norm

    def forward(self, v, training=False):
        x = v["source0"]
        y = self.result(x)
        for pixel, rows, columns in self.windows(x.shape):
            y[pixel] = np.sqrt((self.read(x, rows, columns) ** 2).sum((1, 2)))
        return y

    def gradients(self, v, g):
        x, y = v["source0"], self.forward(v)
        d = np.zeros_like(x)
        for pixel, rows, columns in self.windows(x.shape):
            for j, i in np.argwhere(self.inside(x.shape, rows, columns)):
                at = (slice(None), rows[j], columns[i])
                d[at] += x[at] * np.divide(g[pixel], y[pixel], out=np.zeros_like(y[pixel]), where=y[pixel] != 0)
        return {"source0": d}

    def objective(self, v, g):
        """What taps outside the image read is a constant."""
        x, total = v["source0"], 0.0
        for pixel, rows, columns in self.windows(x.shape):
            inside = self.inside(x.shape, rows, columns)[None, ..., None]
            taps = np.where(inside, self.read(x, rows, columns), self.read(_drawn(self), rows, columns))
            total += (g[pixel] * np.sqrt((taps**2).sum((1, 2)))).sum()
        return float(total)


class MPSCNNDilatedPoolingMaxNode(Taps):
    """pooling.md 3 and 6."""

    exact = True

    def forward(self, v, training=False):
        x = v["source0"]
        y = self.result(x)
        for pixel, rows, columns in self.windows(x.shape):
            y[pixel] = self.read(x, rows, columns).max((1, 2))
        return y

    def gradients(self, v, g):
        x, y = v["source0"], self.forward(v)
        d = np.zeros_like(x)
        for pixel, rows, columns in self.windows(x.shape):
            is_open = np.ones(y[pixel].shape, bool)  # nobody has won yet
            for j, i in np.argwhere(self.inside(x.shape, rows, columns)):
                at = (slice(None), rows[j], columns[i])
                wins = is_open & (x[at] == y[pixel])
                d[at] += g[pixel] * wins
                is_open &= ~wins
        return {"source0": d}

    def competitors(self, x: Array, outside: Array):
        """For every result pixel N x taps x C: the taps in the image, then what others read and none of these does."""
        for pixel, rows, columns in self.windows(x.shape):
            inside = self.inside(x.shape, rows, columns)
            rows, columns = rows.clip(0, x.shape[1] - 1).tolist(), columns.clip(0, x.shape[2] - 1).tolist()
            own = {(rows[j], columns[i]) for j, i in np.argwhere(inside)}
            edges = {(rows[j], columns[i]) for j, i in np.argwhere(~inside)}
            taps = [x[:, j, i] for j, i in sorted(own)]
            if "edges" not in self.attributes:
                taps += [outside[:, j, i] for j, i in sorted(edges - own)]
            elif not inside.all():
                taps.append(np.zeros_like(x[:, 0, 0]))
            yield pixel, np.stack(taps, axis=1)

    def objective(self, v, g):
        """What taps outside the image read is a constant."""
        competitors = self.competitors(v["source0"], _drawn(self))
        return float(sum((g[pixel] * taps.max(1)).sum() for pixel, taps in competitors))

    def kink_distance(self, v: Values) -> float:
        gaps = [np.inf]
        for _, taps in self.competitors(v["source0"], v["source0"]):
            if taps.shape[1] > 1:
                ordered = np.sort(taps, axis=1)
                gaps.append((ordered[:, -1] - ordered[:, -2]).min())
        return float(min(gaps))


def _cases(cls, paddings, seed, **more):
    def make(image, channels, batch, kernel, stride, padding, edges, dilation=None):
        exempt = {}
        if edges and padding is not None and padding & Padding.ExcludeEdges:
            raise CaseError("what is excluded depends on the edge mode Clamp")
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
        if edges:
            attributes["edges"] = edges
        if dilation is not None:
            attributes |= {"dilation_rate_x": dilation[0], "dilation_rate_y": dilation[1]}
        return cls(((*image, channels),), attributes, batch, padding, exempt)

    factors = {
        "image": [(1, 1), (1, 6), (5, 7), (8, 6), (9, 4)],
        "channels": [1, 3, 8, 10, 17],
        "batch": [1, 3],
        "kernel": [(2, 3), (3, 2), (4, 2), (5, 3), (2, 5), (11, 10)],  # the last exceeds the images
        "stride": [(1, 1), (2, 1), (1, 2), (3, 2), (4, 5)],
        "padding": paddings,
        "edges": [None, "Zero"],
        **more,
    }
    return pairwise(factors, make, seed)


def _tiles(image, channels, batch, padding):
    sides = {"kernel_width": 2, "kernel_height": 2, "stride_in_pixels_x": 2, "stride_in_pixels_y": 2}
    exempt = {"axes": "the windows are squares"}
    return MPSCNNPoolingMaxNode(((*image, channels),), sides, batch, padding, exempt)


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
    *_cases(MPSCNNPoolingL2NormNode, _SAME_OR_VALID, seed=3),
    *_cases(MPSCNNDilatedPoolingMaxNode, _SAME_OR_VALID, seed=4, dilation=[(1, 2), (2, 1), (3, 2), (2, 3)]),
    # Windows of two by two, side by side, whose gradient has loops of its own.
    *pairwise(
        {
            "image": [(8, 6), (6, 10), (4, 14), (7, 9), (16, 3), (2, 38)],
            "channels": [1, 3, 5, 7, 8, 9, 12, 15, 17, 20],
            "batch": [1, 3],
            "padding": [None, Padding.Valid, Padding.Full],
        },
        _tiles,
        seed=5,
    ),
    # A global average: the window is the image.
    MPSCNNPoolingAverageNode(
        ((6, 7, 5),),
        {"kernel_width": 7, "kernel_height": 6, "stride_in_pixels_x": 7, "stride_in_pixels_y": 6},
        2,
        Padding.Valid,
    ),
]
