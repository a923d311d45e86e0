"""Writing LLVM's assembly language."""
