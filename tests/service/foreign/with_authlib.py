"""Authlib as a client: discovery, exchange with HTTP Basic, the ID token, userinfo, refresh, introspection, revocation."""

import os

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken

issuer, code, redirect = os.environ["ISSUER"], os.environ["CODE"], os.environ["REDIRECT"]
said = requests.get(issuer + "/.well-known/openid-configuration", timeout=10).json()
keys = JsonWebKey.import_key_set(requests.get(said["jwks_uri"], timeout=10).json())

client = OAuth2Session(
    "choir",
    os.environ["SECRET"],
    scope="openid email",
    redirect_uri=redirect,
    token_endpoint_auth_method="client_secret_basic",
)
token = client.fetch_token(said["token_endpoint"], code=code, grant_type="authorization_code")
assert token["token_type"] == "Bearer" and token["scope"] == "openid email", token

claims = jwt.decode(
    token["id_token"],
    keys,
    claims_cls=CodeIDToken,
    claims_options={"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": "choir"}},
    claims_params={"nonce": "n-0S6", "client_id": "choir"},
)
claims.validate(now=claims["iat"])
person = client.get(said["userinfo_endpoint"]).json()
assert person == {"sub": claims["sub"], "email": "bonny@example.com", "email_verified": True}, person

older = dict(token)
newer = client.refresh_token(said["token_endpoint"], refresh_token=token["refresh_token"])
assert newer["access_token"] != older["access_token"]
assert client.introspect_token(said["introspection_endpoint"], token=newer["access_token"]).json()["active"] is True
assert client.revoke_token(said["revocation_endpoint"], token=newer["refresh_token"]).status_code == 200
assert client.introspect_token(said["introspection_endpoint"], token=newer["access_token"]).json() == {"active": False}
