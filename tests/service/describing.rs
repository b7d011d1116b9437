//! The description for programs says what is there; and a stranger that reads nothing else, schemathesis, finds nothing that contradicts it.
//! `PARTYLINE_TEST_FOREIGN` is a folder of a Python environment with schemathesis; without it that test says `SKIPPED`.

use std::path::PathBuf;
use std::process::Stdio;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use tokio::process::Command;

use crate::support::{SECRET, on_both};

const FOREIGN: &str = "PARTYLINE_TEST_FOREIGN";
const REDIRECT: &str = "https://myapp.test/welcome";

#[test]
fn every_route_that_is_described_is_there() {
    on_both(|served| async move {
        let answer = served.get("/openapi.json").await;
        assert_eq!(answer.status(), 200);
        let document: Value = answer.json().await.unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["servers"][0]["url"], served.issuer);
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.contains_key("/api/invite") && paths.contains_key("/oauth/token"));
        for (path, item) in paths {
            for method in item.as_object().unwrap().keys() {
                let method: reqwest::Method = method.to_uppercase().parse().unwrap();
                let asked = path
                    .replace("{token}", "x")
                    .replace("{id}", "x")
                    .replace("{alias}", "x")
                    .replace("{code}", "x");
                let answer = served
                    .http
                    .request(method.clone(), served.at(&asked))
                    .send()
                    .await
                    .unwrap();
                let status = answer.status().as_u16();
                let is_empty = answer.bytes().await.unwrap().is_empty();
                assert!(
                    status < 500 && status != 405 && !(status == 404 && is_empty),
                    "{method} {path}: {status}"
                );
            }
        }
    });
}

#[test]
fn schemathesis_finds_nothing() {
    let Ok(folder) = std::env::var(FOREIGN) else {
        println!("SKIPPED: {FOREIGN} is not set");
        return;
    };
    let program = PathBuf::from(folder).join("bin/schemathesis");
    on_both(|served| {
        let program = program.clone();
        async move {
            served.register("choir", REDIRECT).await;
            let proof = BASE64_STANDARD.encode(format!("choir:{SECRET}"));
            let ran = Command::new(program)
                .args(["run", &served.at("/openapi.json"), "--url", &served.issuer])
                .args(["--header", &format!("Authorization: Basic {proof}")])
                // A description cannot say which addresses a client has, so not all that fits it is taken.
                .args(["--checks", "all", "--exclude-checks", "positive_data_acceptance"])
                .args([
                    "--phases",
                    "examples,coverage,fuzzing",
                    "--max-examples",
                    "20",
                    "--seed",
                    "5",
                ])
                .args([
                    "--include-path-regex",
                    "^/api/(invit|templates|webhooks|audit)|^/openapi.json$",
                ])
                .args(["--no-color", "--generation-database", "none"])
                .current_dir(served.folder.path())
                .stdin(Stdio::null())
                .output()
                .await
                .unwrap();
            let said = String::from_utf8_lossy(&ran.stdout);
            println!("{said}");
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        }
    });
}
