"""Networks to read and to run: ``python -m mpsnn.examples.mnist``, ``tiny_yolo``, ``style_transfer`` and ``unet``."""
