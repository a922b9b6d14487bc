"""One file per picture: what it is called, what it needs, how it is drawn."""
