"""Credentials and settings: what is refused, by which name, and that no secret is ever shown."""

from __future__ import annotations

import copy
import logging
import pickle
from pathlib import Path

import dlt
import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import ConfigurationException, ConfigurationValueError
from dlt.common.configuration.specs import PluggableRunContext

from sources.sendcloud_support import SendcloudCredentials, read_configuration, sendcloud_support
from sources.sendcloud_support.api import SupportClient
from sources.sendcloud_support.api.oauth import build_auth
from tests.sources.conftest import BASE_URL, KEY_PAIR, OAUTH, SECRETS

KEYS = ("public_key", "secret_key", "client_id", "client_secret", "token_url")
SECTION = "SOURCES__SENDCLOUD_SUPPORT__"


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch):
    def configured(**values: object):
        for name, value in values.items():
            scope = "CREDENTIALS__" if name in KEYS else ""
            monkeypatch.setenv(f"{SECTION}{scope}{name.upper()}", str(value))
        return read_configuration()

    return configured


def test_a_key_pair_in_the_environment_is_enough(configure):
    configuration = configure(**KEY_PAIR)

    credentials = configuration.credentials
    assert (credentials.public_key, credentials.secret_key) == tuple(KEY_PAIR.values())
    assert (credentials.uses_oauth, credentials.identity) == (False, "pub-4711")
    assert configuration.base_url == "https://panel.sendcloud.sc/api/v3"
    assert (configuration.requests_per_minute, configuration.throttled_minutes) == (30, 15)


def test_an_oauth_client_in_the_environment_is_enough(configure):
    credentials = configure(client_id="client-0815", client_secret="sec-client-hush").credentials

    assert (credentials.uses_oauth, credentials.identity) == (True, "client-0815")
    assert credentials.token_url == "https://account.sendcloud.com/oauth2/token"


def test_a_key_pair_in_secrets_toml_is_enough(tmp_path: Path):
    secrets = tmp_path / "dlt" / ".dlt" / "secrets.toml"
    secrets.write_text(
        '[sources.sendcloud_support.credentials]\npublic_key = "p"\nsecret_key = "s"\n'
    )
    Container()[PluggableRunContext].reload_providers()

    assert read_configuration().credentials.identity == "p"


PAIRS = "sources.sendcloud_support.credentials."
WHERE = "in .dlt/secrets.toml under [sources.sendcloud_support.credentials] or in the environment"


def environment(*keys: str) -> str:
    return " and ".join(f"{SECTION}CREDENTIALS__{key.upper()}" for key in keys)


def test_no_credentials_name_both_pairs(configure):
    with pytest.raises(ConfigurationValueError) as caught:
        configure()

    assert str(caught.value) == (
        f"No credentials are configured. Set {PAIRS}public_key and {PAIRS}secret_key (API key "
        f"pair) or {PAIRS}client_id and {PAIRS}client_secret (OAuth2 client), {WHERE} as "
        f"{environment('public_key', 'secret_key')} or "
        f"{environment('client_id', 'client_secret')}."
    )


@pytest.mark.parametrize(
    ("present", "missing"),
    [
        ("public_key", "secret_key"),
        ("secret_key", "public_key"),
        ("client_id", "client_secret"),
        ("client_secret", "client_id"),
    ],
)
def test_half_a_pair_names_the_missing_half(configure, present, missing):
    with pytest.raises(ConfigurationValueError) as caught:
        configure(**{present: "sec-hush-hush"})

    assert str(caught.value) == (
        f"Half a pair of credentials is configured: {PAIRS}{missing} is missing. Set it {WHERE} "
        f"as {environment(missing)}."
    )


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        (
            ("public_key", "secret_key", "client_id", "client_secret"),
            " and ".join(f"{PAIRS}{key}" for key in KEYS[:4]),
        ),
        (("public_key", "client_secret"), f"{PAIRS}public_key and {PAIRS}client_secret"),
        (("secret_key", "client_id"), f"{PAIRS}secret_key and {PAIRS}client_id"),
    ],
)
def test_two_kinds_of_credentials_are_one_too_many(configure, keys, named):
    with pytest.raises(ConfigurationValueError) as caught:
        configure(**dict.fromkeys(keys, "sec-hush-hush"))

    assert str(caught.value) == (
        f"Two kinds of credentials are configured: {named}. Keep the API key pair or the OAuth2 "
        "client, not both."
    )


def test_an_empty_secret_is_a_missing_one(configure):
    with pytest.raises(ConfigurationValueError, match="secret_key is missing"):
        configure(public_key="pub-4711", secret_key="")


@pytest.mark.parametrize(
    ("name", "value", "minimum"),
    [
        ("requests_per_minute", -1, 0),
        ("throttled_minutes", -0.5, 0),
        ("window_minutes", -1.0, 0),
        ("window_tickets", 0, 1),
    ],
)
def test_a_setting_out_of_range_is_refused_by_its_name(configure, name, value, minimum):
    with pytest.raises(ConfigurationValueError) as caught:
        configure(**KEY_PAIR, **{name: value})

    assert str(caught.value) == (
        f"sources.sendcloud_support.{name} is {value}; it should be {minimum} or more."
    )


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://panel.sendcloud.sc/api/v3",
        "HTTPS://PANEL.SENDCLOUD.SC/api/v3",
        "https://10.0.0.5:8443/api/v3",
        "http://localhost:8080/api/v3",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:8080/api/v3",
    ],
)
def test_an_address_under_tls_or_on_this_machine_is_taken(url):
    SupportClient(SendcloudCredentials(**KEY_PAIR), url).close()


@pytest.mark.parametrize(
    "url",
    [
        "http://panel.sendcloud.sc/api/v3",
        "http://10.0.0.5/api/v3",
        "http://localhost.example.org/api/v3",
        "http://127.0.0.1.example.org/",
        "http://0.0.0.0:8080/",
        "http://[::ffff:8.8.8.8]/",
    ],
)
def test_plain_http_to_another_machine_is_refused(url):
    with pytest.raises(ConfigurationValueError) as caught:
        SupportClient(SendcloudCredentials(**KEY_PAIR), url)

    assert str(caught.value) == (
        "sources.sendcloud_support.base_url is a plain http address of another machine, so "
        "credentials would travel unencrypted. Use https."
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://user:sec-hush-hush@panel.sendcloud.sc/api/v3",
        "https://sec-hush-hush@panel.sendcloud.sc",
        "http://user:sec-hush-hush@localhost/",
        "https://panel.sendcloud.sc\\@evil.example/sec-hush-hush",
        "https://user:sec-hush-hush@[::1",
    ],
)
def test_credentials_in_an_address_are_refused_without_repeating_them(url):
    with pytest.raises(ConfigurationValueError) as caught:
        SupportClient(SendcloudCredentials(**KEY_PAIR), url)

    assert str(caught.value) == (
        "sources.sendcloud_support.base_url holds a user name or password; remove it from there."
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "panel.sendcloud.sc/api/v3",
        "ftp://panel.sendcloud.sc",
        "https://",
        "https://[::1",
        "https://panel.sendcloud.sc:port/",
        "https://panel.sendcloud.sc/api/v3?key=sec-hush-hush",
        "https://panel.sendcloud.sc/api/v3#top",
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ConfigurationValueError) as caught:
        SupportClient(SendcloudCredentials(**KEY_PAIR), url)

    assert str(caught.value) == (
        "sources.sendcloud_support.base_url should be an address such as https://host/api/v3."
    )


def test_the_token_address_is_held_to_the_same_rules():
    credentials = SendcloudCredentials(**(OAUTH | {"token_url": "http://account.test/token"}))

    with pytest.raises(ConfigurationValueError, match=r"credentials\.token_url is a plain http"):
        SupportClient(credentials, BASE_URL)


# --- secrets -------------------------------------------------------------------------------------


def check_silence(*texts: object) -> None:
    for text in texts:
        for secret in SECRETS:
            assert secret not in str(text)


@pytest.mark.parametrize("pair", [KEY_PAIR, OAUTH])
def test_no_form_of_the_credentials_shows_a_secret(pair, connect):
    credentials = SendcloudCredentials(**pair)
    client = connect(pair)
    auth = build_auth(credentials, client._session)

    for each in (credentials, copy.deepcopy(credentials), auth, client, [credentials], {1: auth}):
        check_silence(repr(each), str(each), f"{each}")
    check_silence(credentials.to_native_representation(), vars(client))


def test_credentials_given_as_one_text_are_refused_without_repeating_it(monkeypatch):
    monkeypatch.setenv(f"{SECTION}CREDENTIALS", "pub:sec-hush-hush")

    with pytest.raises(ConfigurationException) as caught:
        read_configuration()

    check_silence(caught.value, repr(caught.value))


def test_no_secret_stays_in_traces_state_or_logs(tmp_path, monkeypatch, api, caplog):
    """dlt pickles a trace of every configured value it resolved, unless configured as here."""
    monkeypatch.setenv("ENABLE_RUNTIME_TRACE", "true")
    caplog.set_level(logging.DEBUG)
    logging.getLogger("dlt").setLevel(logging.DEBUG)
    monkeypatch.setattr(logging.getLogger("dlt"), "propagate", True)
    api.get(f"{BASE_URL}/dsf/tickets", status_code=401, text="sec-hush-hush")
    for name, value in KEY_PAIR.items():
        monkeypatch.setenv(f"{SECTION}CREDENTIALS__{name.upper()}", value)
    monkeypatch.setenv(f"{SECTION}BASE_URL", BASE_URL)
    pipeline = dlt.pipeline("secrets", destination="duckdb", pipelines_dir=str(tmp_path / "work"))

    with pytest.raises(Exception, match="HTTP 401") as caught:
        pipeline.run(sendcloud_support())

    check_silence(caught.value, pipeline.last_trace, pipeline.last_trace.asstr(verbosity=2))
    check_silence(caplog.text, pickle.dumps(pipeline.last_trace))
    files = [path for path in (tmp_path / "work").rglob("*") if path.is_file()]
    assert any(path.name == "trace.pickle" for path in files)
    for path in files:
        check_silence(path.read_bytes())
