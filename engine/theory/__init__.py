"""Mean-field theory of the network before its first step.

`gaussian` holds the one-dimensional averages, `pairs` those over two samples, `phases` fixed
points and the edge of chaos, `prediction` the lines that are drawn beside the measurement.
Nothing here knows torch.
"""
