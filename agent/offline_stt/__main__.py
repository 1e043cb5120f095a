"""Entry point of `python -m offline_stt`."""

import sys

from offline_stt.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
