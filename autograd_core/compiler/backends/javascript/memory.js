// The memory in which programs run, one after the other: one for all, whose size the engine knows before it makes fast code. It
// then drops the check of an address that ends in `& LAST`, and a loop takes two thirds of the time.
export const SIZE = 1 << 23; // numbers; those that no program uses take no space
export const MEMORY = new Float64Array(SIZE);
