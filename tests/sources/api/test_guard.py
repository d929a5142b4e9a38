"""Credentials never leave the configured hosts, shown on real sockets of this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from sources.sendcloud_support import AccessError, AnswerError, GiveUpError, SendcloudCredentials
from sources.sendcloud_support.api import SupportClient as Client
from sources.sendcloud_support.api.patience import Patience
from tests.sources.conftest import CLIENT_ID, CLIENT_SECRET, KEY_PAIR, envelope, ticket

Answer = tuple[int, dict[str, str], bytes]
QUICK = Patience(attempts=2, sleep=lambda _: None)


class Listener:
    """A server that answers what it is told, and keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.heard: list[tuple[str, str, dict[str, str]]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                headers = {name.lower(): value for name, value in self.headers.items()}
                listener.heard.append((self.command, self.path, headers))
                status, headers, body = listener.answers[self.path.partition("?")[0]]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path: str, content: object, status: int = 200, **headers: str) -> None:
        self.answers[path] = (status, headers, json.dumps(content).encode())

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def listeners() -> Iterator[tuple[Listener, Listener]]:
    ours, foreign = Listener(), Listener()
    yield ours, foreign
    ours.close()
    foreign.close()


def connected(base_url: str, credentials: dict[str, str] = KEY_PAIR) -> Client:
    return Client(SendcloudCredentials(**credentials), base_url, 0, QUICK)


PATH = "/api/v3/dsf/tickets"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["another port", "another name", "another scheme", "no host"])
def test_a_redirect_is_not_followed(listeners, status, place):
    ours, foreign = listeners
    location = {
        "another port": f"{foreign.url}{PATH}",
        "another name": f"{foreign.url}{PATH}".replace("127.0.0.1", "localhost"),
        "another scheme": f"{foreign.url}{PATH}".replace("http:", "https:"),
        "no host": "http://[::1",
    }[place]
    ours.answer(PATH, {}, status, Location=location)
    foreign.answer(PATH, envelope(ticket()))
    client = connected(f"{ours.url}/api/v3")

    with pytest.raises(GiveUpError):
        client.page(1)

    client.close()
    assert (len(ours.heard), foreign.heard) == (1, [])


def test_a_redirect_says_what_to_set(listeners):
    ours, foreign = listeners
    ours.answer(PATH, {}, 302, Location=f"{foreign.url}{PATH}")
    client = connected(f"{ours.url}/api/v3")

    with pytest.raises(GiveUpError) as caught:
        client.page(1)

    client.close()
    assert str(caught.value) == (
        "GET tickets page 1: HTTP 302 (JSON without an error code). The API redirects elsewhere, "
        "and credentials do not follow. Set sources.sendcloud_support.base_url to the address "
        "where the API is now."
    )


def test_a_redirect_on_the_same_host_is_not_followed_either(listeners):
    ours, _ = listeners
    ours.answer(PATH, {}, 302, Location="/api/v4/dsf/tickets")
    ours.answer("/api/v4/dsf/tickets", envelope(ticket()))
    client = connected(f"{ours.url}/api/v3")

    with pytest.raises(GiveUpError):
        client.page(1)

    client.close()
    assert [path.partition("?")[0] for _, path, _ in ours.heard] == [PATH]


def test_a_redirect_of_the_token_host_does_not_carry_the_client_secret(listeners):
    ours, foreign = listeners
    ours.answer("/token", {}, 307, Location=f"{foreign.url}/token")
    foreign.answer("/token", {"access_token": "tok"})
    credentials = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "token_url": f"{ours.url}/token",
    }
    client = connected(f"{ours.url}/api/v3", credentials)

    with pytest.raises(AccessError):
        client.page(1)

    client.close()
    assert (len(ours.heard), foreign.heard) == (1, [])


def test_a_token_goes_to_the_api_and_the_client_secret_to_the_token_host_only(listeners):
    api, tokens = listeners
    tokens.answer("/token", {"access_token": "tok", "expires_in": 3600})
    api.answer(PATH, envelope(ticket()))
    credentials = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "token_url": f"{tokens.url}/token",
    }
    client = connected(f"{api.url}/api/v3", credentials)

    client.page(1)

    client.close()
    assert [headers["authorization"] for _, _, headers in api.heard] == ["Bearer tok"]
    assert [headers["authorization"][:6] for _, _, headers in tokens.heard] == ["Basic "]


@pytest.mark.parametrize("key", ["next", "links", "next_page", "url"])
def test_a_link_in_an_answer_is_not_followed(listeners, key):
    ours, foreign = listeners
    page = envelope(ticket(id=1), total=40) | {key: f"{foreign.url}{PATH}?page=2"}
    ours.answer(PATH, page, Link=f'<{foreign.url}{PATH}?cursor=x>; rel="next"')
    client = connected(f"{ours.url}/api/v3")

    client.page(1)
    with pytest.raises(AnswerError):
        client.page(2)

    client.close()
    assert [path for _, path, _ in ours.heard] == [
        f"{PATH}?page=1&size=20",
        f"{PATH}?page=2&size=20",
    ]
    assert foreign.heard == []


def test_nothing_is_sent_to_a_host_that_is_not_configured(listeners):
    ours, foreign = listeners
    client = connected(f"{ours.url}/api/v3")

    for url in (f"{foreign.url}/x", "https://panel.sendcloud.sc/api/v3", f"{ours.url[:-1]}/x"):
        with pytest.raises(GiveUpError) as caught:
            client._session.get(url, auth=("p", "s"))
        assert str(caught.value) == (
            "A request was about to leave for a host that is not configured; it was not sent."
        )

    client.close()
    assert (ours.heard, foreign.heard, client.requests) == ([], [], 0)


def test_a_proxy_that_turns_up_later_does_not_get_the_credentials(listeners, monkeypatch):
    """The environment is read when the client is made, and not once more for each request."""
    ours, foreign = listeners
    ours.answer(PATH, envelope(ticket()))
    client = connected(f"{ours.url}/api/v3")
    monkeypatch.setenv("http_proxy", foreign.url)

    client.page(1)

    client.close()
    assert (len(ours.heard), foreign.heard) == (1, [])


def test_a_proxy_of_the_environment_is_used_for_the_api_and_for_no_other_host(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    client = connected("https://api.example/api/v3")

    assert client._session.proxies == {"https://api.example": "http://proxy.example:3128"}
    client.close()


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_no_proxy_of_the_environment_is_asked_for_this_machine(listeners, monkeypatch, variable):
    """As the simulator's, where a company's proxy is set and nobody thought of no_proxy."""
    ours, proxy = listeners
    ours.answer(PATH, envelope(ticket()))
    monkeypatch.setenv(variable, proxy.url)
    client = connected(f"{ours.url}/api/v3")

    client.page(1)

    client.close()
    assert (len(ours.heard), proxy.heard) == (1, [])


def test_cookies_of_the_api_are_not_sent_elsewhere(listeners):
    """Both servers share a host name, the only case in which a jar would mix them up."""
    api, tokens = listeners
    tokens.answer("/token", {"access_token": "tok", "expires_in": 0})
    api.answers[PATH] = (200, {"Set-Cookie": "s=1; Path=/api"}, json.dumps(envelope()).encode())
    credentials = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "token_url": f"{tokens.url}/token",
    }
    client = connected(f"{api.url}/api/v3", credentials)

    client.page(1)
    client.page(1)

    client.close()
    assert [("cookie" in headers) for _, _, headers in tokens.heard] == [False, False]


# --- broken wires ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Length": "500"}, b'{"total": 1'),
        ({"Transfer-Encoding": "chunked"}, b'5\r\n{"tot\r\n'),
        ({"Transfer-Encoding": "chunked"}, b"zz\r\n{}\r\n0\r\n\r\n"),
        ({"Content-Length": "4", "Content-Encoding": "gzip"}, b"nope"),
        ({"Content-Length": "2"}, b""),
    ],
)
def test_a_body_that_is_cut_or_garbled_on_the_wire_is_asked_for_again(headers, body):
    class Handler(BaseHTTPRequestHandler):
        asked = 0

        def do_GET(self) -> None:
            type(self).asked += 1
            whole = json.dumps(envelope(ticket())).encode()
            is_first = self.asked == 1
            self.send_response(200)
            sent = headers if is_first else {"Content-Length": str(len(whole))}
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if is_first else whole)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    client = connected(f"http://127.0.0.1:{server.server_port}/api/v3")
    try:
        page, _ = client.page(1)
    finally:
        client.close()
        server.shutdown()
        server.server_close()
        thread.join()

    assert (page.ids, client.requests) == ({87}, 2)
