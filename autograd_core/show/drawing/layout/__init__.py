"""The places of cards, links, frames and words."""
