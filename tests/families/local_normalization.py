"""Cross-channel, spatial and local contrast normalisation; normalization.md 3 to 6."""

import numpy as np
from harness import Case, New, Padding, add_at, pairwise, placement, read


class LocalNormalization(Case):
    """Attributes: those of the node; only its kernel size goes to the constructor."""

    defaults = {"alpha": 1.0, "beta": 5.0, "delta": 1.0}

    def constant(self, name):
        return np.float32(self.attributes.get(name, self.defaults[name])).item()

    def node(self, sources, v):
        sizes = {k: x for k, x in self.attributes.items() if k.startswith("kernel")}
        others = {k: x for k, x in self.attributes.items() if k not in sizes}
        kernel = {"kernel_size": next(iter(sizes.values()))} if sizes else {}
        return New(self.name, tuple(sources), kernel, sizes | others | self.properties)

    def terms(self, output):
        # Rounding of the base of the power is multiplied by the exponent.
        return (self.taps() + 4) * max(1, int(self.constant("beta") + 1)) ** 2


class MPSCNNCrossChannelNormalizationNode(LocalNormalization):
    @property
    def size(self):
        return self.attributes.get("kernel_size_in_feature_channels", 5)

    def taps(self):
        return min(self.size, 2 * self.sources[0][2])

    def windows(self, x, down, up):
        """The sum over the channels from k - down to k + up that exist."""
        c = x.shape[3]
        return np.stack([x[..., max(0, k - down) : min(c, k + up + 1)].sum(3) for k in range(c)], 3)

    def base(self, x):
        factor = self.constant("alpha") / self.size
        return self.constant("delta") + factor * self.windows(x * x, self.size // 2, (self.size - 1) // 2)

    def forward(self, v, training=False):
        return v["source0"] * self.base(v["source0"]) ** -self.constant("beta")

    def gradients(self, v, g):
        x, base, beta = v["source0"], self.base(v["source0"]), self.constant("beta")
        sums = self.windows(g * x * base ** (-beta - 1), (self.size - 1) // 2, self.size // 2)
        return {"source0": g * base**-beta - 2 * self.constant("alpha") * beta / self.size * x * sums}


class WindowNormalization(LocalNormalization):
    """With `clamp` taps outside the image are the nearest pixel: for a custom policy, which no case of the table has."""

    clamp = False

    @property
    def window(self):
        return self.attributes.get("kernel_height", 5), self.attributes.get("kernel_width", 5)

    def taps(self):
        return self.window[0] * self.window[1]

    def places(self, shape, is_middle=False):
        """(rows, columns) of the source for each tap of all windows, or for their middles."""
        padding = Padding.Same if self.padding is None else self.padding
        (rows, top), (columns, left) = (
            placement(length, extent, 1, padding, axis)
            for length, extent, axis in zip(shape[1:3], self.window, "yx", strict=True)
        )
        height, width = self.window
        taps = [(height // 2, width // 2)] if is_middle else np.ndindex(height, width)
        for dy, dx in taps:
            y, x = top + dy + np.arange(rows), left + dx + np.arange(columns)
            yield (y.clip(0, shape[1] - 1), x.clip(0, shape[2] - 1)) if self.clamp else (y, x)

    def sums(self, x):
        return sum(read(x, *place) for place in self.places(x.shape))

    def middles(self, x):
        return sum(read(x, *place) for place in self.places(x.shape, True))

    def back(self, f, shape, is_middle=False):
        """The transpose of `sums`, or of `middles`."""
        d = np.zeros(shape, f.dtype)
        for place in self.places(shape, is_middle):
            add_at(d, *place, f)
        return d


class MPSCNNSpatialNormalizationNode(WindowNormalization):
    def base(self, x):
        return self.constant("delta") + self.constant("alpha") / self.taps() * self.sums(x * x)

    def forward(self, v, training=False):
        return self.middles(v["source0"]) * self.base(v["source0"]) ** -self.constant("beta")

    def gradients(self, v, g):
        x, base, beta = v["source0"], self.base(v["source0"]), self.constant("beta")
        through = self.back(g * self.middles(x) * base ** (-beta - 1), x.shape)
        slope = 2 * self.constant("alpha") * beta / self.taps()
        return {"source0": self.back(g * base**-beta, x.shape, True) - slope * x * through}


class MPSCNNLocalContrastNormalizationNode(WindowNormalization):
    defaults = {"alpha": 1.0, "beta": 0.5, "delta": 1 / 1024, "p0": 1.0, "pm": 0.0, "ps": 1.0}

    def moments(self, x):
        mean = self.sums(x) / self.taps()
        variance = sum((read(x, *place) - mean) ** 2 for place in self.places(x.shape)) / self.taps()
        return mean, self.constant("delta") + self.constant("alpha") * variance

    def forward(self, v, training=False):
        x = v["source0"]
        mean, base = self.moments(x)
        contrast = (self.middles(x) - self.constant("p0") * mean) * base ** -self.constant("beta")
        return self.constant("pm") + self.constant("ps") * contrast

    def gradients(self, v, g):
        x, beta, p0 = v["source0"], self.constant("beta"), self.constant("p0")
        mean, base = self.moments(x)
        e = g * base**-beta
        f = g * (self.middles(x) - p0 * mean) * base ** (-beta - 1)
        through = x * self.back(f, x.shape) - self.back(f * mean, x.shape)
        d = self.back(e, x.shape, True) - p0 / self.taps() * self.back(e, x.shape)
        return {"source0": self.constant("ps") * (d - 2 * self.constant("alpha") * beta / self.taps() * through)}


def _cross_channel(image, channels, batch, size, constants):
    attributes = {"kernel_size_in_feature_channels": size} | constants
    exempt = {"extents": "one pixel"} if image == (1, 1) else {}
    return MPSCNNCrossChannelNormalizationNode(((*image, channels),), attributes, batch, exempt=exempt)


def _windows(cls, constants, seed):
    def make(image, channels, batch, kernel, constants, padding):
        exempt = {"extents": "one pixel"} if image == (1, 1) else {}
        attributes = {"kernel_width": kernel[0], "kernel_height": kernel[1]} | constants
        return cls(((*image, channels),), attributes, batch, padding, exempt)

    factors = {
        "image": [(1, 1), (1, 6), (5, 7), (8, 6), (9, 4)],
        "channels": [1, 3, 8, 10, 17],
        "batch": [1, 2],
        "kernel": [(3, 2), (2, 4), (4, 3), (3, 5), (1, 3), (11, 13)],
        "constants": constants,
        "padding": [
            None,
            Padding.Same | Padding.BottomRight,
            Padding.Same | Padding.TopRight,
            Padding.Same | Padding.AlignTopLeft,
            Padding.Valid,
            Padding.Full,
            Padding.Full | Padding.BottomLeft,
        ],
    }
    return pairwise(factors, make, seed)


_POWERS = [
    {"alpha": 0.5, "beta": 0.75, "delta": 2.0},
    {"alpha": 2.0, "beta": 0.5, "delta": 0.25},
    {"alpha": 1.0, "beta": 1.5, "delta": 1.0},
    {"alpha": 0.75, "beta": -0.5, "delta": 0.5},
]

CASES = [
    MPSCNNCrossChannelNormalizationNode(((4, 5, 7),)),
    *pairwise(
        {
            "image": [(1, 1), (1, 6), (5, 7), (8, 6)],
            "channels": [1, 3, 10, 17, 64],
            "batch": [1, 2],
            "size": [1, 2, 3, 4, 5, 8, 200],
            "constants": _POWERS,
        },
        _cross_channel,
        seed=3,
    ),
    MPSCNNCrossChannelNormalizationNode(((5, 3, 2100),), {"kernel_size_in_feature_channels": 6} | _POWERS[0], 2),
    MPSCNNCrossChannelNormalizationNode(((41, 37, 12),), {"kernel_size_in_feature_channels": 5} | _POWERS[1], 2),
    MPSCNNSpatialNormalizationNode(((4, 5, 7),), exempt={"axes": "the default window"}),
    *_windows(MPSCNNSpatialNormalizationNode, _POWERS, seed=4),
    MPSCNNSpatialNormalizationNode(((41, 37, 12),), {"kernel_width": 5, "kernel_height": 4} | _POWERS[1], 2),
    MPSCNNLocalContrastNormalizationNode(((4, 5, 7),), exempt={"axes": "the default window"}),
    *_windows(
        MPSCNNLocalContrastNormalizationNode,
        [
            {"alpha": 0.5, "beta": 0.75, "delta": 0.125, "p0": 0.5, "pm": 0.25, "ps": 2.0},
            {"alpha": 2.0, "beta": 0.5, "delta": 0.25, "p0": 1.0, "pm": -0.5, "ps": 0.5},
            {"alpha": 0.0, "beta": 0.5, "delta": 0.0625, "p0": 0.75},
            {"alpha": 1.0, "beta": 1.5, "delta": 1.0, "p0": 0.0},
        ],
        seed=5,
    ),
    MPSCNNLocalContrastNormalizationNode(
        ((41, 37, 12),), {"kernel_width": 5, "kernel_height": 4, "beta": 0.75, "delta": 0.5}, 2
    ),
]
