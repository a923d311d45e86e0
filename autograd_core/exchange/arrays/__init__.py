"""Operations on arrays of Values that the readers of other tools share, those of `nn.exchange` too."""
