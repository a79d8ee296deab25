"""vamaild looks after a forwarded inbox: it answers what can wait, and passes on what cannot."""

__version__ = "0.1.0"
