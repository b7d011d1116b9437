"""requests-oauthlib as a client: exchange with the secret in the body, userinfo, refresh."""

import os

import requests
from requests_oauthlib import OAuth2Session

issuer, secret = os.environ["ISSUER"], os.environ["SECRET"]
said = requests.get(issuer + "/.well-known/oauth-authorization-server", timeout=10).json()

client = OAuth2Session("choir", redirect_uri=os.environ["REDIRECT"], scope=["openid", "email"])
token = client.fetch_token(
    said["token_endpoint"],
    code=os.environ["CODE"],
    client_secret=secret,
    include_client_id=True,
)
assert token["expires_in"] == 3600, token
answer = client.get(said["userinfo_endpoint"])
assert answer.status_code == 200 and answer.json()["email"] == "bonny@example.com", answer.text
newer = client.refresh_token(said["token_endpoint"], client_id="choir", client_secret=secret)
assert newer["refresh_token"] != token["refresh_token"]
again = requests.post(
    said["token_endpoint"],
    data={"grant_type": "authorization_code", "code": os.environ["CODE"], "client_id": "choir", "client_secret": secret},
    timeout=10,
)
assert again.status_code == 400 and again.json()["error"] == "invalid_grant", again.text
