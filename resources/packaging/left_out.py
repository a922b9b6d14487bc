"""What the executable does without, one table each.

`--selftest` is the proof: it passes through everything that the program does, in the packaged
program too. An entry that something needs after all makes it fail.
"""

from __future__ import annotations

from fnmatch import fnmatch

# What compiles the loops from source: in the executable they are compiled already.
COMPILER = ("llvmlite", "numba")
# Modules that nothing imports on any way through the program. Names that other packages try to
# import and can do without are here as well: whatever the builder's environment holds besides,
# the executable is the same.
MODULES = (
    # PyTorch's compiler: only the classes of torch.optim and torch.compile import it.
    "torch._dynamo",
    "torch._inductor",
    "torch._numpy",
    "mpmath",
    "networkx",
    "sympy",
    # Training on several machines.
    "torch.distributed.checkpoint",
    "torch.distributed.elastic",
    "torch.distributed.fsdp",
    "torch.distributed.pipelining",
    "torch.distributed.tensor",
    # Tools for developers of networks.
    "caffe2",
    "functorch",
    "torch.onnx",
    "torch.utils.benchmark",
    "torch.utils.bottleneck",
    "torch.utils.cpp_extension",
    "torch.utils.hipify",
    "torch.utils.model_dump",
    "torch.utils.tensorboard",
    # Parts of Qt and pyqtgraph that the window does not have.
    "PySide6.QtNetwork",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "pyqtgraph.examples",
    "pyqtgraph.opengl",
    # What others would use if it were there.
    "IPython",
    "OpenGL",
    "_pytest",
    "certifi",
    "charset_normalizer",
    "colorcet",
    "cupy",
    "fsspec",
    "h5py",
    "hypothesis",
    "idna",
    "jinja2",
    "matplotlib",
    "pandas",
    "pkg_resources",
    "pytest",
    "requests",
    "scipy",
    "setuptools",
    "tensorboard",
    "urllib3",
    "wandb",
    "yaml",
    # Parts of Python.
    "curses",
    "doctest",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "readline",
    "sqlite3",
    "tkinter",
    "turtle",
    "xmlrpc",
)

# PyTorch reads its own source when these are imported, and fails where there is none. Of all other
# modules the compiled form is enough.
WITH_SOURCE = (
    "torch._export.config",
    "torch._functorch.config",
    "torch._library.custom_ops",
    "torch._native.registry",
    "torch.compiler.config",
    "torch.distributed.config",
    "torch.functional",
    "torch.fx.experimental._config",
    "torch.nn.functional",
    "torch.nn.modules.rnn",
    "torch.utils._debug_mode._mode",
    "torch.utils.serialization.config",
)

# Files, by their place in the executable's folder. Test programs and headers of PyTorch, Qt's
# ways to draw without a desktop, its pictures in formats that we do not read, its translations
# into languages that the window does not speak.
FILES = (
    "torch/bin/*",
    "torch/include/*",
    "torch/lib/libbackend_with_compiler*",
    "torch/lib/libjitbackend_test*",
    "torch/lib/libtorchbind_test*",
    "torch/lib/*.lib",
    "torch/share/*",
    "torch/test/*",
    "libbackend_with_compiler*",
    "libjitbackend_test*",
    "libtorchbind_test*",
    "*.dist-info/RECORD",
    "hypothesis-*",
    "*/plugins/egldeviceintegrations/*",
    "*/plugins/generic/*",
    "*/plugins/imageformats/*",
    "*/plugins/networkinformation/*",
    "*/plugins/platforms/*direct2d*",
    "*/plugins/platforms/*eglfs*",
    "*/plugins/platforms/*linuxfb*",
    "*/plugins/platforms/*minimal*",
    "*/plugins/platforms/*vkkhrdisplay*",
    "*/plugins/platforms/*vnc*",
    "*/plugins/platformthemes/libqgtk3*",
    "*/plugins/tls/*",
    "*/plugins/wayland-graphics-integration-client/*",
    "*/plugins/xcbglintegrations/*",
    "*/translations/*.qm",
    # Of Pillow only the GIF is used.
    "PIL/_avif*",
    "PIL/_imagingcms*",
    "PIL/_imagingft*",
    "PIL/_imagingtk*",
    "PIL/_webp*",
)

KEPT_FILES = (
    # Without it training fails: "Unable to find torch_shm_manager".
    "torch/bin/torch_shm_manager*",
    # The icon of the program as a picture of the system's own kind.
    "*/plugins/imageformats/*qico*",
    "*/plugins/imageformats/*qicns*",
    "*/plugins/imageformats/*qsvg*",
    "*/translations/qtbase_zh_CN.qm",
)


def is_left_out(place: str) -> bool:
    """Say whether a file is left out, given its place below the executable's folder."""
    place = place.replace("\\", "/")
    if any(fnmatch(place, pattern) for pattern in KEPT_FILES):
        return False
    return any(fnmatch(place, pattern) for pattern in FILES)
