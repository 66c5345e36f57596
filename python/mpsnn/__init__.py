"""Apple's MPSNNGraph node-graph API for every machine.

Classes, enums and structs have Apple's names, members are in snake_case. Images are height x width x feature channels.

>>> x = MPSNNImageNode()
>>> graph = MPSNNGraph(MPSCNNNeuronReLUNode(x).result_image)
>>> y = graph(numpy.ones((4, 5, 3), numpy.float32))
"""

from importlib.metadata import PackageNotFoundError, version

from . import _core
from ._core import *  # noqa: F403

try:
    __version__ = version("mpsnn")
except PackageNotFoundError:  # a build folder on PYTHONPATH
    __version__ = "0+unknown"

__all__ = ["__version__"]
__all__ += _core.__all__
