"""Where data come from: each source gives a data set whole, or the files to read it from."""
