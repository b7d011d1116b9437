// An application that invites people by e-mail through `partyline serve`, for Node 18 and later, without packages.
//
// Run it beside `partyline serve --dev`, in a second terminal:
//
//     node examples/service/client.mjs --secret-file PATH bonny@example.org
//
// PATH is what `serve --dev` printed as the place of the client's secret. Let the client be answered here first with
//
//     partyline serve --dev redirect add dev http://127.0.0.1:3000/welcome
//
// It invites the address, waits until somebody presses the button behind the link of the mail, exchanges the code, checks the signature
// of the ID token with the service's public keys, and says who came.

import { createPublicKey, randomBytes, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { parseArgs } from "node:util";

const { values: asked, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    issuer: { type: "string", default: "http://127.0.0.1:8080" },
    client: { type: "string", default: "dev" },
    // A secret is never an argument.
    "secret-file": { type: "string" },
    port: { type: "string", default: "3000" },
  },
});
const [address] = positionals;
if (!address || !asked["secret-file"]) {
  console.error("usage: node client.mjs --secret-file FILE ADDRESS");
  process.exit(2);
}

const secret = (await readFile(asked["secret-file"], "utf8")).trim();
const proof = `Basic ${Buffer.from(`${asked.client}:${secret}`).toString("base64")}`;
const redirectUri = `http://127.0.0.1:${asked.port}/welcome`;
const state = randomBytes(16).toString("base64url");

/** Asks the service; a refusal ends the program with what the service says. */
async function ask(url, options = {}) {
  const answer = await fetch(url, options);
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${url}: ${said.error}: ${said.error_description ?? ""}`);
  return said;
}

/** Waits until a browser brings an answer to /welcome, and returns its code. */
function waitForAnswer(issuer) {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const url = new URL(request.url, redirectUri);
      const answer = url.searchParams;
      // Whoever sends us an answer that we did not ask for has another state, and is not let in. The issuer tells two services apart.
      const fits = url.pathname === "/welcome" && answer.get("state") === state && answer.get("iss") === issuer;
      response.writeHead(fits ? 200 : 404, { "Content-Type": "text/plain; charset=utf-8", Connection: "close" });
      response.end(fits ? "Welcome! You can close this window.\n" : "There is nothing here.\n");
      if (!fits) return;
      server.close();
      if (answer.has("code")) resolve(answer.get("code"));
      else reject(new Error(`nobody was let in: ${answer.get("error")}: ${answer.get("error_description") ?? ""}`));
    });
    server.listen(Number(asked.port), "127.0.0.1");
  });
}

/** The claims of an ID token, if the service signed it for us a moment ago (OpenID Connect Core, 3.1.3.7). */
async function verified(token, about) {
  const [head, body, signature] = token.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url"));
  // Only what we ask for is taken: an algorithm is never read from the token alone.
  if (header.alg !== "ES256") throw new Error(`an ID token with ${header.alg}`);
  const { keys } = await ask(about.jwks_uri);
  const jwk = keys.find((key) => key.kid === header.kid && key.kty === "EC");
  if (!jwk) throw new Error("an ID token of an unknown key");
  const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  if (!verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) {
    throw new Error("an ID token whose signature is wrong");
  }
  const claims = JSON.parse(Buffer.from(body, "base64url"));
  const now = Date.now() / 1000;
  if (claims.iss !== about.issuer || claims.aud !== asked.client || claims.exp < now || !claims.email_verified) {
    throw new Error("an ID token that is not for us");
  }
  return claims;
}

try {
  // Where things are is not guessed: the service says it.
  const about = await ask(`${asked.issuer}/.well-known/openid-configuration`);
  if (about.issuer !== asked.issuer) throw new Error(`${asked.issuer} calls itself ${about.issuer}`);

  const answer = waitForAnswer(about.issuer);
  await ask(`${asked.issuer}/api/invite`, {
    method: "POST",
    headers: {
      Authorization: proof,
      "Content-Type": "application/json",
      "Idempotency-Key": randomBytes(16).toString("base64url"),
    },
    body: JSON.stringify({
      email_address: address,
      redirect_uri: redirectUri,
      response_mode: "query",
      state,
      template_data: { inviter_name: "Ann" },
    }),
  });
  console.log(`invited ${address}`);

  const tokens = await ask(about.token_endpoint, {
    method: "POST",
    headers: { Authorization: proof },
    body: new URLSearchParams({ grant_type: "authorization_code", code: await answer, redirect_uri: redirectUri }),
  });
  const person = await verified(tokens.id_token, about);
  // The address is what ties an invitation to a person: `sub` stays the same for it, however often it is invited.
  console.log(`${person.email} came in as ${person.sub}`);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
