"""Networks to read and to run: ``python -m mpsnn.examples.mnist``, ``python -m mpsnn.examples.style_transfer``."""
