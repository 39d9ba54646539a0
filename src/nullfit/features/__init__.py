"""Fixed, untrained features of images, which kernels and linear models are built on."""
