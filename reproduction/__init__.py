"""Every published number, measured: what is run, and the page that is made of it."""
