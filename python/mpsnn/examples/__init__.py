"""Networks to read and to run: ``python -m mpsnn.examples.mnist``."""
