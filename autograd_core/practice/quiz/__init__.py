"""`quiz`: an exercise, its page, and a diagnosis of each wrong answer."""
