"""What every scenario's stimuli have in common: arms as Markdown files, minimal pairs, and the choice of samples.

A scenario says in a `Layout` what an arm's front matter is and which texts it consists of. Its files lie in a folder of
its own (`base/` for the text that all arms share, a file for each arm), and a user's folder of the same layout is laid
over it: a file there replaces the scenario's of the same name, a new file is a new arm, and `base: none` makes an arm
stand alone.
"""
