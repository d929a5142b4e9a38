"""All configured accounts at once, by threads of this process.

Depends on `pipelines`. Run as `python -m benchmarks.loads.at_once THREADS`; ends with 1 where a run
is not complete.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from pipelines.accounts import Account, configured_accounts
from pipelines.runs import carry_out, run_sync
from pipelines.warehouse import use_own_settings


def main(threads: str) -> int:
    """One sync of each."""
    use_own_settings()
    with ThreadPoolExecutor(int(threads)) as pool:
        return 0 if all(pool.map(_is_complete, configured_accounts())) else 1


def _is_complete(account: Account) -> bool:
    return carry_out(account.pipeline(), account.read(), "sync", run_sync).is_complete


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
