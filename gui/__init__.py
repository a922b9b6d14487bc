"""The window: it shows what the engine measured and passes on what the person wants.

Nothing here imports torch.
"""
