"""LLVM: text in, addresses of functions out. The one file that imports llvmlite."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import importlib.util
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd_core.compiler.backends.llvm import object_cache
from autograd_core.engine.interpreter.locks import hold_in_fork, make_lock

# Functions of C's library: `functions` has no vector form of them, or not for every number.
_LIBRARY = ("sin", "cos", "tan", "pow")
PREFIX = "autograd_core_"
LEVEL = 2  # of LLVM's code generation
FAST_LEVEL = 1  # for long straight-line code, which runs as fast, and is compiled in half the time

_lock = make_lock()
_loaded: dict[str, Loaded] = {}


@dataclass(frozen=True, slots=True)
class Processor:
    """The processor that code is compiled for. lanes: float64 numbers in a register; registers: their number; cache:
    the bytes of the cache that one core has for itself."""

    name: str
    features: str
    lanes: int
    registers: int
    cache: int


class Loaded:
    """Machine code in memory for as long as this object is alive. name: that it is stored under."""

    def __init__(self, engine: Any, name: str) -> None:
        self._engine = engine
        self.name = name

    def address(self, function: str) -> int:
        """The address of a function."""
        address: int = self._engine.get_function_address(function)
        return address


def is_installed() -> bool:
    """Whether llvmlite is installed."""
    try:
        return importlib.util.find_spec("llvmlite") is not None
    except ValueError:  # None stands for it in sys.modules
        return False


@functools.cache
def _llvm() -> Any:
    import llvmlite.binding as llvm

    lock = llvm.ffi.lib._lock  # which llvmlite holds in every call
    hold_in_fork(lock.__enter__, lambda: lock.__exit__(None, None, None))
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else ctypes.util.find_library("m"))
    for name in _LIBRARY:
        llvm.add_symbol(PREFIX + name, ctypes.cast(getattr(library, name), ctypes.c_void_p).value)
    return llvm


def offer(function: str, address: int) -> None:
    """Let code call the function at an address by `PREFIX` and its name."""
    _llvm().add_symbol(PREFIX + function, address)


@functools.cache
def processor() -> Processor:
    """The processor that this runs on."""
    llvm = _llvm()
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        lanes, registers = 8, 32
    elif features.get("avx"):
        lanes, registers = 4, 16
    else:
        lanes, registers = 2, 32 if features.get("neon") else 16
    return Processor(llvm.get_host_cpu_name(), features.flatten(), lanes, registers, _cache_of_a_core())


def _cache_of_a_core() -> int:
    """The size of the second level as Linux tells it; elsewhere a usual one."""
    try:
        size = Path("/sys/devices/system/cpu/cpu0/cache/index2/size").read_text().strip()
    except OSError:
        return 1 << 19
    return int(size[:-1]) << 10 if size.endswith("K") and size[:-1].isdecimal() else 1 << 19


def load(functions: Iterable[str], declarations: Iterable[str], level: int = LEVEL) -> Loaded:
    """The functions of these texts in memory: from this process or from disk if they were compiled before."""
    import llvmlite

    llvm, host = _llvm(), processor()
    text = "\n".join([f'target triple = "{llvm.get_process_triple()}"', *sorted(set(declarations)), *functions])
    version = ".".join(map(str, llvm.llvm_version_info))
    name = object_cache.key(text, host.name, host.features, llvmlite.__version__, version, str(level))
    with _lock:
        if name not in _loaded:
            _loaded[name] = _from(llvm, name, object_cache.read(name)) or _compile(llvm, host, text, name, level)
        return _loaded[name]


def stored(name: str) -> Loaded | None:
    """Machine code by its name, from this process or from disk; None if it is not there."""
    with _lock:
        if name not in _loaded:
            found = _from(_llvm(), name, object_cache.read(name))
            if found is None:
                return None
            _loaded[name] = found
        return _loaded[name]


def _from(llvm: Any, name: str, code: bytes | None) -> Loaded | None:
    if code is None:
        return None
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target(llvm, processor(), LEVEL))
    try:
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
    except RuntimeError:
        return None
    return Loaded(engine, name)


def _compile(llvm: Any, host: Processor, text: str, name: str, level: int) -> Loaded:
    def emit() -> bytes:
        code: bytes = _target(llvm, host, level).emit_object(llvm.parse_assembly(text))
        object_cache.write(name, code)
        return code

    helper = ThreadPoolExecutor(1)  # LLVM may take seconds, for which Ctrl-C would wait in this thread
    emitted = helper.submit(emit)
    helper.shutdown(wait=False)
    while not wait([emitted], timeout=0.05).done:
        pass  # where Ctrl-C does not end a wait, it arrives after it
    loaded = _from(llvm, name, emitted.result())
    assert loaded is not None
    return loaded


def _target(llvm: Any, host: Processor, level: int) -> Any:
    target = llvm.Target.from_triple(llvm.get_process_triple())
    return target.create_target_machine(cpu=host.name, features=host.features, opt=level, jit=True)
