"""The playground: a page that trains a network and shows the chain rule in it."""
