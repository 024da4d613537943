"""The shop on one machine: what is started, how each part is known to be ready, and who watches it."""
