"""Look through recordings of agents at work for steps that a person should see."""

__version__ = "0.6.2"
