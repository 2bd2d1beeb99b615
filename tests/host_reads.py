"""Counts where the host reads from the device, for which it would wait if the device were a GPU."""

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
# Operators whose result has a size, or is a number, that the host must know.
OPERATORS = {
    aten._local_scalar_dense, aten.nonzero, aten.masked_select, aten.bincount, aten._unique2, aten.unique_dim,
    aten.unique_consecutive, aten.unique_dim_consecutive, aten.equal, aten.is_nonzero,
}  # fmt: skip
INDEXED = {aten.index, aten.index_put, aten.index_put_, aten._index_put_impl_}
COPIES = {"tolist", "numpy", "cpu", "item", "__bool__", "__int__", "__float__", "__index__"}


class _Operators(TorchDispatchMode):
    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self.found = found

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        packet = func.overloadpacket
        by_mask = packet in INDEXED and any(
            index is not None and index.dtype == torch.bool for index in args[1]
        )
        counted = packet is aten.repeat_interleave and not (kwargs or {}).get("output_size")
        if packet in OPERATORS or by_mask or counted:
            self.found.append(str(func))
        return func(*args, **(kwargs or {}))


class HostReads(TorchFunctionMode):
    """A context that notes every read.

    Attributes:
        found: the operators and methods that read, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._operators = _Operators(self.found)

    def __enter__(self):
        self._operators.__enter__()
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self._operators.__exit__(*error)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if getattr(func, "__name__", "") in COPIES:
            self.found.append(func.__name__)
        return func(*args, **(kwargs or {}))
