"""A run as files for other tools; each format is one function in the module of its name, see `formats`."""
