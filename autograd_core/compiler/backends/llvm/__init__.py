"""The vectorised program in machine code: kernels made by LLVM, called in turn for each block of rows."""
