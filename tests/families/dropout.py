"""Dropout with the portable generator, Philox4x32-10; loss.md 11."""

import numpy as np
from harness import Case, New, pairwise


def philox(counter, key):
    """Ten rounds on four words of counter and two of key, all uint64 arrays of 32-bit values; loss.md 11.3."""
    low = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p, q = c2 * np.uint64(0xCD9E8D57), c0 * np.uint64(0xD2511F53)
        c0, c1, c2, c3 = (p >> shift) ^ c1 ^ k0, p & low, (q >> shift) ^ c3 ^ k1, q & low
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & low, (k1 + np.uint64(0xBB67AE85)) & low
    return np.stack([c0, c1, c2, c3])


def mask(shape, keep_probability, seed, encode_count):
    """N x Hm x Wm x Cm of 0 and 1. The order of elements in an image is y, x, channel."""
    n, *extents = shape
    elements = np.arange(np.prod(extents), dtype=np.uint64)
    masks = []
    for image in range(n):
        words = [elements // 4, image, encode_count % 2**32, encode_count // 2**32]
        counter = [np.broadcast_to(np.asarray(word, np.uint64), elements.shape) for word in words]
        out = philox(counter, [np.uint64(seed % 2**32), np.uint64(seed // 2**32)])
        word = np.take_along_axis(out, (elements % 4).astype(np.int64)[None], 0)[0]
        u = (word >> np.uint64(8)).astype(np.float64) * 2.0**-24
        masks.append((u < np.float32(keep_probability)).reshape(extents))
    return np.stack(masks)


class MPSCNNDropoutNode(Case):
    repeats = False  # every run of a graph draws its own mask

    def mask(self, v):
        a = {"keep_probability": 0.5, "seed": 0, "mask_stride_in_pixels": (1, 1, 1)} | self.attributes
        n, h, w, c = v["source0"].shape
        sw, sh, sd = a["mask_stride_in_pixels"]
        shape = n, h if sh else 1, w if sw else 1, c if sd else 1
        drawn = mask(shape, a["keep_probability"], a["seed"], int(v["encode_count"][0]))
        return drawn / v["source0"].dtype.type(a["keep_probability"])

    def parameters(self, rng, integers):
        return {"encode_count": np.array([0])}

    def pytorch_values(self, v):
        return {"mask": (self.mask(v) > 0).astype(np.float64)}

    def next_run(self, v):
        return v | {"encode_count": v["encode_count"] + 1}

    def forward(self, v, training=False):
        return v["source0"] * self.mask(v)

    def gradients(self, v, g):
        return {"source0": g * self.mask(v)}

    def node(self, sources, v):
        attributes = dict(self.attributes)
        if "mask_stride_in_pixels" in attributes:
            attributes["mask_stride_in_pixels"] = New("MTLSize", attributes["mask_stride_in_pixels"])
        return New(self.name, tuple(sources), attributes)


def _pairs(image, channels, batch, keep_probability, seed, mask_stride):
    exempt = {"extents": "one pixel"} if image == (1, 1) else {}
    a = {"keep_probability": keep_probability, "seed": seed, "mask_stride_in_pixels": mask_stride}
    return MPSCNNDropoutNode(((*image, channels),), a, batch, exempt=exempt)


CASES = [
    MPSCNNDropoutNode(((5, 7, 3),)),
    MPSCNNDropoutNode(((4, 6, 10),), {"keep_probability": 0.7}, 3),
    MPSCNNDropoutNode(
        ((3, 5, 9),), {"keep_probability": 0.3, "seed": 2**40 + 12345, "mask_stride_in_pixels": (1, 1, 1)}, 2
    ),
    MPSCNNDropoutNode(((6, 4, 17),), {"keep_probability": 0.6, "seed": 7, "mask_stride_in_pixels": (0, 0, 1)}, 2),
    MPSCNNDropoutNode(((4, 9, 5),), {"keep_probability": 0.4, "seed": 8, "mask_stride_in_pixels": (1, 1, 0)}, 2),
    MPSCNNDropoutNode(((7, 6, 3),), {"keep_probability": 0.8, "seed": 9, "mask_stride_in_pixels": (0, 1, 1)}, 2),
    MPSCNNDropoutNode(((7, 5, 6),), {"keep_probability": 0.5, "seed": 11, "mask_stride_in_pixels": (1, 0, 0)}, 3),
    *pairwise(
        {
            "image": [(1, 1), (1, 6), (5, 7), (8, 6)],
            "channels": [3, 8, 10, 17],
            "batch": [1, 2],
            "keep_probability": [0.25, 0.5, 0.9],
            "seed": [0, 5, 2**63 + 9],
            "mask_stride": [(1, 1, 1), (0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 0, 1), (0, 1, 0), (1, 0, 0)],
        },
        _pairs,
        seed=1,
    ),
]
