"""`draw` and `summary`: a graph whose boxes open and close."""
