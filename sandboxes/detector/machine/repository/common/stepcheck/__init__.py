"""Look through recordings of agents at work for steps that a person should see."""
