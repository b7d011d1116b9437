//! An invitation service of a few doors on this machine, as far as the app knocks at them: it mails nothing, and keeps what it was
//! asked to send. What it signs is what PROTOCOL.md asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use partyline::identity::EndpointKey;
use partyline::invitation::mailbox::{ServiceKey, jwk};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

type Fields = BTreeMap<String, String>;

/// One invitation that it was handed.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) body: Value,
    pub(crate) status: &'static str,
    pub(crate) mails: usize,
}

#[derive(Default)]
struct Books {
    sent: Vec<Sent>,
    /// What each code was asked for with.
    codes: BTreeMap<String, Fields>,
    /// Whose each refresh token is: an account, or an invitation.
    refresh: BTreeMap<String, Option<usize>>,
    counter: u64,
    /// The next answer to an invitation that is handed over is lost.
    loses_an_answer: bool,
}

#[derive(Clone)]
struct Desk {
    issuer: String,
    books: Arc<Mutex<Books>>,
}

/// The running service.
pub(crate) struct Office {
    desk: Desk,
    task: JoinSet<()>,
}

impl Office {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let desk = Desk {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            books: Arc::default(),
        };
        let mut office = Self {
            desk,
            task: JoinSet::new(),
        };
        office.serve(listener);
        office
    }

    fn serve(&mut self, listener: TcpListener) {
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/oauth/jwks", get(keys))
            .route("/oauth/authorize", get(authorize))
            .route("/oauth/token", post(token))
            .route("/api/invitations", post(hand_over).get(list))
            .route("/api/invitations/{id}", get(look))
            .route("/api/invitations/{id}/resend", post(resend))
            .route("/api/invitations/{id}/revoke", post(revoke))
            .with_state(self.desk.clone());
        self.task
            .spawn(async move { axum::serve(listener, routes).await.unwrap() });
    }

    /// Takes the next invitation with another code than it will be handed again, and its answer is lost.
    pub(crate) fn lose_an_answer(&self) {
        self.desk.books.lock().unwrap().loses_an_answer = true;
    }

    /// Nobody answers any more.
    pub(crate) async fn close(&mut self) {
        self.task.shutdown().await;
    }

    /// It answers again, at the same address.
    pub(crate) async fn reopen(&mut self) {
        let address = self.desk.issuer.trim_start_matches("http://");
        self.serve(TcpListener::bind(address).await.unwrap());
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.desk.issuer
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.desk.books.lock().unwrap().sent.clone()
    }

    /// The link in a mail.
    pub(crate) fn link(&self, number: usize) -> String {
        format!("{}/i/link{number}", self.desk.issuer)
    }

    pub(crate) fn set_status(&self, number: usize, status: &'static str) {
        self.desk.books.lock().unwrap().sent[number].status = status;
    }
}

fn key() -> EndpointKey {
    EndpointKey::from_seed(&[7; 32])
}

async fn metadata(State(desk): State<Desk>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", desk.issuer);
    Json(json!({
        "issuer": desk.issuer,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "jwks_uri": at("/oauth/jwks"),
    }))
}

async fn keys() -> Json<Value> {
    let old: Value = serde_json::from_str(&jwk(&[5; 32])).unwrap();
    let new: Value = serde_json::from_str(&jwk(key().id().as_bytes())).unwrap();
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256" }, old, new] }))
}

/// As if the person had pressed the button of the page.
async fn authorize(State(desk): State<Desk>, Query(asked): Query<Fields>) -> Redirect {
    let mut books = desk.books.lock().unwrap();
    let to = &asked["redirect_uri"];
    let state = &asked["state"];
    assert_eq!(asked["code_challenge_method"], "S256");
    let number = asked
        .get("invitation")
        .map(|link| link.trim_start_matches("link").parse::<usize>().unwrap());
    let refused = match number.map(|number| books.sent[number].status) {
        Some("accepted") => Some("invitation_used"),
        Some("revoked") => Some("invitation_revoked"),
        Some("expired") => Some("invitation_expired"),
        _ => None,
    };
    if let Some(why) = refused {
        let about = format!("{}/errors/{why}", desk.issuer);
        return Redirect::to(&format!(
            "{to}?error=access_denied&error_uri={about}&state={state}&iss={}",
            desk.issuer
        ));
    }
    books.counter += 1;
    let code = format!("code{}", books.counter);
    let answer = format!("{to}?code={code}&state={state}&iss={}", desk.issuer);
    books.codes.insert(code, asked);
    Redirect::to(&answer)
}

fn refusal(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

/// The thumbprint in a proof, and what the proof says.
fn proof(headers: &HeaderMap) -> (String, Value) {
    let proof = headers["dpop"].to_str().unwrap();
    let part = |at: usize| -> Value {
        serde_json::from_slice(&BASE64URL.decode(proof.split('.').nth(at).unwrap()).unwrap()).unwrap()
    };
    let x = BASE64URL.decode(part(0)["jwk"]["x"].as_str().unwrap()).unwrap();
    (
        ServiceKey::from_bytes(x.try_into().unwrap()).thumbprint().text(),
        part(1),
    )
}

async fn token(State(desk): State<Desk>, headers: HeaderMap, Form(form): Form<Fields>) -> Response {
    let mut books = desk.books.lock().unwrap();
    let (jkt, shown) = proof(&headers);
    assert_eq!(shown["htu"], format!("{}/oauth/token", desk.issuer));
    let (number, nonce) = match form["grant_type"].as_str() {
        "authorization_code" => {
            let Some(asked) = books.codes.remove(&form["code"]) else {
                return refusal("invalid_grant");
            };
            let challenge = BASE64URL.encode(Sha256::digest(&form["code_verifier"]));
            assert_eq!((&asked["code_challenge"], &asked["dpop_jkt"]), (&challenge, &jkt));
            let link = asked
                .get("invitation")
                .map(|link| link.trim_start_matches("link").parse().unwrap());
            (link, Some(asked["nonce"].clone()))
        }
        "refresh_token" => match books.refresh.remove(&form["refresh_token"]) {
            Some(of) => (of, None),
            None => return refusal("invalid_grant"),
        },
        _ if form["code"] == "01ABCDEF" => (Some(0), None),
        _ => return refusal("invalid_grant"),
    };
    books.counter += 1;
    let (count, refresh) = (books.counter, format!("plr_{}", books.counter));
    books.refresh.insert(refresh.clone(), number);
    let id_token = format!("e30.{}.x", BASE64URL.encode(json!({ "nonce": nonce }).to_string()));
    let mut answer = json!({
        "access_token": format!("at{count}"), "token_type": "DPoP", "expires_in": 3600, "refresh_token": refresh,
        "id_token": id_token, "userinfo": { "email": "ann@example.org" },
    });
    if let Some(number) = number {
        let sent = &mut books.sent[number];
        sent.status = "accepted";
        let now = shown["iat"].as_u64().unwrap();
        let claims = json!({
            "iss": desk.issuer, "aud": format!("partyline:{}", sent.body["party"]["party_ref"].as_str().unwrap()), "sub": "s",
            "email": sent.body["email_address"], "email_verified": true, "invitation": sent.id, "cnf": { "jkt": jkt },
            "iat": now, "exp": now + 600, "jti": format!("j{count}"),
        });
        let header = r#"{"alg":"EdDSA","typ":"partyline-admission+jwt"}"#;
        answer["admission_token"] = json!(key().sign_jws(header, &claims.to_string()));
        answer["app_data"] = sent.body["app_data"].clone();
    }
    Json(answer).into_response()
}

/// Whether the call has a token and the proof that goes with it.
fn is_signed_in(headers: &HeaderMap) -> bool {
    let basic = format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode("choir:pls_good")
    );
    let Some(said) = headers.get("authorization").and_then(|said| said.to_str().ok()) else {
        return false;
    };
    match said.strip_prefix("DPoP ") {
        Some(token) => proof(headers).1["ath"] == BASE64URL.encode(Sha256::digest(token)),
        None => said == basic,
    }
}

async fn hand_over(State(desk): State<Desk>, headers: HeaderMap, Json(mut body): Json<Value>) -> Response {
    if !is_signed_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut books = desk.books.lock().unwrap();
    let again = books
        .sent
        .iter()
        .position(|sent| sent.body["party"]["invitation"] == body["party"]["invitation"]);
    if again.is_some_and(|at| books.sent[at].body != body) {
        let refused = Json(json!({ "error": "idempotency_key_reused" }));
        return (StatusCode::UNPROCESSABLE_ENTITY, refused).into_response();
    }
    let number = again.unwrap_or(books.sent.len());
    let is_lost = std::mem::take(&mut books.loses_an_answer);
    if is_lost {
        body["app_data"] = Value::from("the code of earlier addresses");
    }
    if again.is_none() {
        books.sent.push(Sent {
            id: format!("inv{number}"),
            body,
            status: "queued",
            mails: 1,
        });
    }
    if is_lost {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    (
        StatusCode::CREATED,
        Json(json!({ "id": format!("inv{number}"), "status": "queued" })),
    )
        .into_response()
}

async fn list(State(desk): State<Desk>, headers: HeaderMap, Query(asked): Query<Fields>) -> Response {
    if !is_signed_in(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let books = desk.books.lock().unwrap();
    let found = books
        .sent
        .iter()
        .filter(|sent| {
            asked
                .get("email")
                .is_some_and(|email| sent.body["email_address"] == **email)
        })
        .map(|sent| json!({ "id": sent.id, "status": sent.status, "party": sent.body["party"] }));
    Json(json!({ "invitations": found.collect::<Vec<_>>() })).into_response()
}

fn with(desk: &Desk, id: &str, change: impl FnOnce(&mut Sent)) -> Response {
    let mut books = desk.books.lock().unwrap();
    match books.sent.iter_mut().find(|sent| sent.id == id) {
        Some(sent) => {
            change(sent);
            Json(json!({ "id": sent.id, "status": sent.status })).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn look(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    with(&desk, &id, |_sent| ())
}

async fn resend(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    with(&desk, &id, |sent| sent.mails += 1)
}

async fn revoke(State(desk): State<Desk>, Path(id): Path<String>) -> Response {
    with(&desk, &id, |sent| sent.status = "revoked")
}
