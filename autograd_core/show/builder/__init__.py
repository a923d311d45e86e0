"""The builder: a computation graph that is edited by hand, in the picture or as a program."""
