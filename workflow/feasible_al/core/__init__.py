"""The base of all other packages: errors, files, registries, randomness, the machine."""
