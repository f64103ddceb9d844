"""`python -m careerstream` is the command `careerstream`."""

from careerstream.cli import main

main()
