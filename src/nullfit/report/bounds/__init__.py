"""What bounds on the error say, whichever task computed them."""
