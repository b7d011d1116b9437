"""An application that invites people by e-mail through `partyline serve`, with nothing but Python's own library.

Run it beside `partyline serve --dev`, in a second terminal:

    python3 examples/service/client.py --secret-file PATH bonny@example.org

PATH is what `serve --dev` printed as the place of the client's secret. It registers nothing: let the client be answered here first with

    partyline serve --dev redirect add dev http://127.0.0.1:3000/welcome

It invites the address, waits until somebody presses the button behind the link of the mail, exchanges the code and says who came.
"""

import argparse
import base64
import json
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer


class Service:
    """The invitation service, as one client sees it."""

    def __init__(self, issuer, client_id, client_secret):
        self.issuer = issuer
        proof = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self.headers = {"Authorization": f"Basic {proof}"}
        # Where things are is not guessed: the service says it.
        self.about = self.ask(f"{issuer}/.well-known/openid-configuration")
        if self.about["issuer"] != issuer:
            raise SystemExit(f"{issuer} calls itself {self.about['issuer']}")

    def invite(self, address, redirect_uri, state, data):
        """Asks for an invitation. The service answers the same whatever it thinks of the address."""
        body = {
            "email_address": address,
            "redirect_uri": redirect_uri,
            "response_mode": "query",
            "state": state,
            "template_data": data,
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": secrets.token_urlsafe(16)}
        self.ask(f"{self.issuer}/api/invite", json.dumps(body).encode(), headers)

    def exchange(self, code, redirect_uri):
        """Exchanges a code, once, for who came."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self.ask(self.about["token_endpoint"], urllib.parse.urlencode(form).encode())

    def person(self, access_token):
        """Who the holder of a token is."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.ask(self.about["userinfo_endpoint"], None, headers)

    def ask(self, url, body=None, headers=None):
        request = urllib.request.Request(url, body, {**self.headers, **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            said = json.load(refusal)
            raise SystemExit(f"{url}: {said['error']}: {said.get('error_description', '')}") from None


class Welcome(BaseHTTPRequestHandler):
    """Takes the answer that a browser brings to /welcome."""

    def do_GET(self):
        address = urllib.parse.urlparse(self.path)
        answer = dict(urllib.parse.parse_qsl(address.query))
        # Whoever sends us an answer that we did not ask for has another state, and is not let in. The issuer tells two services apart.
        expected = {"state": self.server.state, "iss": self.server.issuer}
        fits = address.path == "/welcome" and expected.items() <= answer.items()
        if fits:
            self.server.answer = answer
        self.send_response(200 if fits else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"Welcome! You can close this window.\n" if fits else b"There is nothing here.\n")

    def log_message(self, *_):
        """The address of a request has a code in it: it is not logged."""


def wait_for_code(server):
    """Waits until an answer came, and returns its code."""
    while not server.answer:
        server.handle_request()
    if "error" in server.answer:
        raise SystemExit(f"nobody was let in: {server.answer['error']}: {server.answer.get('error_description', '')}")
    return server.answer["code"]


def main():
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("address", help="who is invited")
    reader.add_argument("--issuer", default="http://127.0.0.1:8080", help="the service")
    reader.add_argument("--client", default="dev", help="the client's id")
    reader.add_argument("--secret-file", required=True, help="the file of the client's secret; a secret is never an argument")
    reader.add_argument("--port", type=int, default=3000, help="where answers arrive on this machine")
    asked = reader.parse_args()
    with open(asked.secret_file, encoding="utf-8") as file:
        secret = file.read().strip()

    redirect_uri = f"http://127.0.0.1:{asked.port}/welcome"
    server = HTTPServer(("127.0.0.1", asked.port), Welcome)
    server.issuer, server.state, server.answer = asked.issuer, secrets.token_urlsafe(16), None

    service = Service(asked.issuer, asked.client, secret)
    service.invite(asked.address, redirect_uri, server.state, {"inviter_name": "Ann"})
    print(f"invited {asked.address}", flush=True)

    tokens = service.exchange(wait_for_code(server), redirect_uri)
    person = service.person(tokens["access_token"])
    # The address is what ties an invitation to a person: `sub` stays the same for it, however often it is invited.
    print(f"{person['email']} came in as {person['sub']}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
