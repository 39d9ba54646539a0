"""The one entry point: ``python run.py [group=option] [key=value]``, with ``-m`` for a grid."""

from nullfit.cli import main

if __name__ == "__main__":
    main()
