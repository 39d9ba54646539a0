"""What `make docs` makes besides the pages of docs/: the reference of options, and notebooks."""
