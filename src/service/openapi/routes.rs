//! What browsers and OAuth libraries call, as data.

use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{
    Content, ObjectBuilder, PathItem, Paths, RefOr, Required, Response, ResponseBuilder, Schema, Type,
};

const PAGE: Option<&str> = Some("text/html");
const JSON: Option<&str> = Some("application/json");
const PLAIN: Option<&str> = Some("text/plain");

/// A route.
struct Route {
    methods: &'static [HttpMethod],
    path: &'static str,
    what: &'static str,
    /// Parameters: of the query with GET, of the form with POST.
    parameters: &'static [&'static str],
    /// Statuses, and the type of what comes with them.
    answers: &'static [(&'static str, Option<&'static str>)],
}

const GET: &[HttpMethod] = &[HttpMethod::Get];
const POST: &[HttpMethod] = &[HttpMethod::Post];
const BOTH: &[HttpMethod] = &[HttpMethod::Get, HttpMethod::Post];

/// Of an authorization request, RFC 6749 (4.1.1), RFC 7636 (4.3), OpenID Connect Core (3.1.2.1).
const AUTHORIZE: &[&str] = &[
    "response_type",
    "client_id",
    "redirect_uri",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "login_hint",
    "id_token_hint",
    "prompt",
    "max_age",
    "ui_locales",
    "invitation",
    "dpop_jkt",
];

/// Of a token request, RFC 6749 (4.1.3, 6), RFC 7636 (4.5).
const TOKEN: &[&str] = &[
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
];

const ABOUT_TOKEN: &[&str] = &["token", "token_type_hint", "client_id", "client_secret"];

const TOKEN_ANSWERS: &[(&str, Option<&str>)] = &[
    ("200", JSON),
    ("400", JSON),
    ("401", JSON),
    ("403", JSON),
    ("413", JSON),
    ("415", JSON),
    ("429", JSON),
    ("503", JSON),
];

const ROUTES: &[Route] = &[
    Route {
        methods: GET,
        path: "/i/{token}",
        what: "The page of an invitation. Looking at it changes nothing.",
        parameters: &[],
        answers: &[
            ("200", PAGE),
            ("303", None),
            ("404", PAGE),
            ("410", PAGE),
            ("429", PAGE),
            ("503", PAGE),
        ],
    },
    Route {
        methods: POST,
        path: "/i/{token}",
        what: "Takes the invitation: leads to the application with a code.",
        parameters: &[],
        answers: &[
            ("200", PAGE),
            ("303", None),
            ("403", PAGE),
            ("404", PAGE),
            ("410", PAGE),
            ("429", PAGE),
            ("503", PAGE),
        ],
    },
    Route {
        methods: POST,
        path: "/i/{token}/renew",
        what: "Mails a new link to the same address, once the old one is over.",
        parameters: &[],
        answers: &[
            ("200", PAGE),
            ("403", PAGE),
            ("404", PAGE),
            ("410", PAGE),
            ("429", PAGE),
            ("503", PAGE),
        ],
    },
    Route {
        methods: BOTH,
        path: "/i/{token}/decline",
        what: "Asks whether the person means no; its POST says no.",
        parameters: &[],
        answers: &[
            ("200", PAGE),
            ("403", PAGE),
            ("404", PAGE),
            ("410", PAGE),
            ("429", PAGE),
            ("503", PAGE),
        ],
    },
    Route {
        methods: BOTH,
        path: "/u/{token}",
        what: "The page that takes an address off the list; its POST does it (RFC 8058).",
        parameters: &[],
        answers: &[("200", PAGE), ("404", PAGE), ("429", PAGE), ("503", PAGE)],
    },
    Route {
        methods: BOTH,
        path: "/oauth/authorize",
        what: "Begins a sign-in: RFC 6749 (4.1.1), OpenID Connect Core (3.1.2.1).",
        parameters: AUTHORIZE,
        answers: &[
            ("200", PAGE),
            ("303", None),
            ("400", PAGE),
            ("401", JSON),
            ("403", PAGE),
            ("429", PAGE),
            ("503", PAGE),
        ],
    },
    Route {
        methods: POST,
        path: "/oauth/continue",
        what: "The button of the page that asks whether to go on with a sign-in.",
        parameters: &[],
        answers: &[
            ("200", PAGE),
            ("303", None),
            ("400", PAGE),
            ("403", PAGE),
            ("429", PAGE),
            ("503", PAGE),
        ],
    },
    Route {
        methods: POST,
        path: "/oauth/sign-in",
        what: "Mails a link that signs in.",
        parameters: &[],
        answers: &[
            ("200", PAGE),
            ("303", None),
            ("400", PAGE),
            ("403", PAGE),
            ("429", PAGE),
            ("503", PAGE),
        ],
    },
    Route {
        methods: BOTH,
        path: "/oauth/sign-in/{token}",
        what: "The page behind that link; its POST signs in.",
        parameters: &[],
        answers: &[
            ("200", PAGE),
            ("303", None),
            ("400", PAGE),
            ("403", PAGE),
            ("404", PAGE),
            ("410", PAGE),
            ("429", PAGE),
            ("503", PAGE),
        ],
    },
    Route {
        methods: POST,
        path: "/oauth/token",
        what: "Exchanges a code or a refresh token: RFC 6749 (3.2), RFC 9449.",
        parameters: TOKEN,
        answers: TOKEN_ANSWERS,
    },
    Route {
        methods: POST,
        path: "/api/token",
        what: "The same, also with JSON and without a grant_type, as DID.app's documents had it.",
        parameters: TOKEN,
        answers: TOKEN_ANSWERS,
    },
    Route {
        methods: BOTH,
        path: "/oauth/userinfo",
        what: "Who signed in: OpenID Connect Core (5.3).",
        parameters: &[],
        answers: &[
            ("200", JSON),
            ("400", JSON),
            ("401", JSON),
            ("403", JSON),
            ("429", JSON),
            ("503", JSON),
        ],
    },
    Route {
        methods: POST,
        path: "/oauth/revoke",
        what: "Ends a token: RFC 7009.",
        parameters: ABOUT_TOKEN,
        answers: &[
            ("200", None),
            ("400", JSON),
            ("401", JSON),
            ("403", JSON),
            ("413", JSON),
            ("415", JSON),
            ("503", JSON),
        ],
    },
    Route {
        methods: POST,
        path: "/oauth/introspect",
        what: "What a token is good for: RFC 7662.",
        parameters: ABOUT_TOKEN,
        answers: &[
            ("200", JSON),
            ("400", JSON),
            ("401", JSON),
            ("403", JSON),
            ("413", JSON),
            ("415", JSON),
            ("503", JSON),
        ],
    },
    Route {
        methods: BOTH,
        path: "/oauth/logout",
        what: "Ends the session in this browser: OpenID Connect RP-Initiated Logout.",
        parameters: &[
            "id_token_hint",
            "client_id",
            "post_logout_redirect_uri",
            "state",
            "logout_hint",
            "ui_locales",
        ],
        answers: &[
            ("200", PAGE),
            ("303", None),
            ("400", PAGE),
            ("429", PAGE),
            ("503", PAGE),
        ],
    },
    Route {
        methods: GET,
        path: "/oauth/jwks",
        what: "The public keys of the tokens: RFC 7517.",
        parameters: &[],
        answers: &[("200", JSON)],
    },
    Route {
        methods: GET,
        path: "/.well-known/openid-configuration",
        what: "What the service offers: OpenID Connect Discovery.",
        parameters: &[],
        answers: &[("200", JSON)],
    },
    Route {
        methods: GET,
        path: "/.well-known/oauth-authorization-server",
        what: "What the service offers: RFC 8414.",
        parameters: &[],
        answers: &[("200", JSON)],
    },
    Route {
        methods: GET,
        path: "/errors/{code}",
        what: "What an error code means, for people.",
        parameters: &[],
        answers: &[("200", PAGE), ("404", PAGE)],
    },
    Route {
        methods: GET,
        path: "/healthz",
        what: "Whether the service is there.",
        parameters: &[],
        answers: &[("200", PLAIN)],
    },
    Route {
        methods: GET,
        path: "/readyz",
        what: "Whether it can work: its database answers. What waits to be sent is told, too.",
        parameters: &[],
        answers: &[("200", JSON), ("503", JSON)],
    },
    Route {
        methods: GET,
        path: "/icon.svg",
        what: "The picture of its pages.",
        parameters: &[],
        answers: &[("200", Some("image/svg+xml"))],
    },
    Route {
        methods: GET,
        path: "/openapi.json",
        what: "This description.",
        parameters: &[],
        answers: &[("200", JSON)],
    },
];

/// All of them.
pub(super) fn paths() -> Paths {
    let described = ROUTES.iter().flat_map(|route| {
        let of_method = |method: &HttpMethod| PathItem::new(method.clone(), operation(route, method));
        route.methods.iter().map(move |method| (route.path, of_method(method)))
    });
    described
        .fold(PathsBuilder::new(), |paths, (path, item)| paths.path(path, item))
        .build()
}

fn operation(route: &Route, method: &HttpMethod) -> OperationBuilder {
    let in_path = ["token", "code"]
        .into_iter()
        .filter(|name| route.path.contains(&format!("{{{name}}}")))
        .map(|name| parameter(name, ParameterIn::Path, Required::True));
    let answers = route.answers.iter().map(|(status, kind)| (*status, answer(*kind)));
    let operation = OperationBuilder::new()
        .summary(Some(route.what))
        .parameters(Some(in_path.collect::<Vec<_>>()));
    let operation = answers.fold(operation, |operation, (status, answer)| {
        operation.response(status, answer)
    });
    match method {
        HttpMethod::Post if !route.parameters.is_empty() => operation.request_body(Some(form(route.parameters))),
        HttpMethod::Post => operation,
        _ => {
            let in_query = route
                .parameters
                .iter()
                .map(|name| parameter(name, ParameterIn::Query, Required::False));
            in_query.fold(operation, OperationBuilder::parameter)
        }
    }
}

fn parameter(name: &str, place: ParameterIn, required: Required) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .schema(Some(text()))
}

fn form(names: &[&str]) -> utoipa::openapi::request_body::RequestBody {
    let members = names
        .iter()
        .fold(ObjectBuilder::new(), |object, name| object.property(*name, text()));
    RequestBodyBuilder::new()
        .content(
            "application/x-www-form-urlencoded",
            Content::new(Some(RefOr::T(Schema::Object(members.build())))),
        )
        .build()
}

fn answer(kind: Option<&str>) -> Response {
    let answer = ResponseBuilder::new().description("");
    match kind {
        Some(kind) => answer.content(kind, Content::default()).build(),
        None => answer.build(),
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
