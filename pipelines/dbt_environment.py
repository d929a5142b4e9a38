"""The environment that dbt runs in: what it may have of the caller's, and what it is given.

Depends on the standard library only. Promises that a variable of another project changes no build:
only what is named here passes, and of dbt's own variables none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "transform"

OF_THE_MACHINE = (
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TMPDIR", "TEMP", "TMP"),
    *("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    *("KRB5CCNAME", "KRB5_CONFIG", "OPENSSL_CONF"),
)
OURS = ("SENDCLOUD_THREADS",)
OF_POSTGRES = {
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssdelegation": "PGGSSDELEGATION",
    "gssencmode": "PGGSSENCMODE",
    "gsslib": "PGGSSLIB",
    "hostaddr": "PGHOSTADDR",
    "krbsrvname": "PGKRBSRVNAME",
    "load_balance_hosts": "PGLOADBALANCEHOSTS",
    "passfile": "PGPASSFILE",
    "require_auth": "PGREQUIREAUTH",
    "requirepeer": "PGREQUIREPEER",
    "service": "PGSERVICE",
    "servicefile": "PGSERVICEFILE",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "sslcert": "PGSSLCERT",
    "sslcertmode": "PGSSLCERTMODE",
    "sslcompression": "PGSSLCOMPRESSION",
    "sslcrl": "PGSSLCRL",
    "sslcrldir": "PGSSLCRLDIR",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "sslrootcert": "PGSSLROOTCERT",
    "sslsni": "PGSSLSNI",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
"""How a connection comes about, by its name in an address: it holds for sync and for marts.
What changes a session (PGOPTIONS, PGTZ, PGDATESTYLE, ...) does not."""
FILES_OF_POSTGRES = frozenset(
    ("PGPASSFILE", "PGSERVICEFILE", "PGSSLCERT", "PGSSLCRL", "PGSSLCRLDIR", "PGSSLKEY")
) | {"PGSSLROOTCERT"}
ALLOWED = frozenset((*OF_THE_MACHINE, *OURS, *OF_POSTGRES.values()))


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What dbt may have of this environment; files by their whole path, as it runs elsewhere."""
    allowed = {
        name: text
        for name, text in environment.items()
        if name in ALLOWED or name.startswith("LC_")
    }
    return whole_paths(allowed)


def whole_paths(variables: Mapping[str, str]) -> dict[str, str]:
    """The same, with files of PostgreSQL's library named from the root of the file system."""
    return dict(_with_whole_paths(variables))


def _with_whole_paths(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in variables.items():
        is_file = name in FILES_OF_POSTGRES and text not in {"", "system"}
        yield name, str(Path(text).absolute()) if is_file else text


def own_settings(folder: Path) -> dict[str, str]:
    """Where dbt keeps its files, and that it tells nobody."""
    return {
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
