"""Apple's MPSNNGraph node-graph API for every machine.

Classes, enums and structs have Apple's names, members are in snake_case. Images are height x width x feature channels.

>>> x = MPSNNImageNode()
>>> graph = MPSNNGraph(MPSCNNNeuronReLUNode(x).result_image)
>>> y = graph(numpy.ones((4, 5, 3), numpy.float32))
"""

from ._waiting import short_waits as _short_waits

with _short_waits():
    from . import _core
from ._core import *  # noqa: F403

__all__ = _core.__all__


def __getattr__(name: str) -> str:
    """`__version__`, which few ask for, and which takes longer to find than all the rest to import."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("mpsnn")
    except PackageNotFoundError:  # a build folder on PYTHONPATH
        return "0+unknown"
