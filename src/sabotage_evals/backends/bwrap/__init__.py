"""The embedded sandbox: the worlds in bubblewrap namespaces, without a daemon, an image or root."""
