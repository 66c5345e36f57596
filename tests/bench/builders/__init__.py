"""What makes a network real in an engine: mpsnn's nodes, PyTorch's functions, ONNX's operators. All draw the same weights from the
same seed.

A builder's methods take and return whatever stands for an image in its engine. Kernels are one size or (height, width). Padding is
that of "same", the odd pixel at the top and left, or none where `valid` is set.
"""
