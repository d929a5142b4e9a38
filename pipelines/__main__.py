"""`python -m pipelines`: see `command_line`."""

import sys

from .dbt_process import start_early

if __name__ == "__main__":
    if sys.argv[1:] == ["marts"]:
        start_early()

    from .command_line import main

    sys.exit(main())
