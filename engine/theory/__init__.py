"""Mean-field theory of the network before its first step.

`gaussian` holds the averages over one sample, `pairs` those over two, `phases` fixed points and
the edge of chaos, `recursion` the walk through the layers, `weight_gradients` what needs a whole
batch, `prediction` the lines that are drawn beside the measurement, and where there are none.
Nothing here knows torch.
"""
