//! A real Chromium, driven over its `DevTools` pipe: no driver, no port, nothing but the browser itself.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const PROGRAM: &str = "/usr/bin/chromium";

/// Keeps it from everything but the pages it is told to open.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// The longest that a page may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with one page.
pub(crate) struct Chromium {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    calls: u64,
    session: Option<String>,
    _profile: TempDir,
}

impl Chromium {
    /// A new browser with an empty profile. None, and a word about it, where there is no Chromium.
    pub(crate) async fn start() -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            println!("SKIPPED: there is no {PROGRAM}");
            return None;
        }
        let profile = tempfile::tempdir().unwrap();
        // The browser reads commands from its file descriptor 3 and answers on 4; the shell puts our pipes there.
        let mut child = Command::new("sh")
            .args([
                "-c",
                "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>&1",
                PROGRAM,
            ])
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (to, from) = (
            child.stdin.take().unwrap(),
            BufReader::new(child.stdout.take().unwrap()),
        );
        let mut browser = Self {
            child,
            to,
            from,
            calls: 0,
            session: None,
            _profile: profile,
        };
        let page = browser
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach).await;
        browser.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        browser.call("Page.enable", json!({})).await;
        Some(browser)
    }

    /// Turns scripts of pages on or off. What the test itself evaluates runs all the same.
    pub(crate) async fn scripts(&mut self, on: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !on }))
            .await;
    }

    /// What the page is shown on, in CSS pixels, and whether its reader likes it dark.
    pub(crate) async fn screen(&mut self, width: u32, height: u32, dark: bool) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", media).await;
    }

    /// Opens an address and waits until the page is there.
    pub(crate) async fn open(&mut self, address: &str) {
        self.call("Page.navigate", json!({ "url": address })).await;
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")
            .await;
    }

    /// The value of an expression on the page.
    pub(crate) async fn value(&mut self, expression: &str) -> Value {
        let ask = json!({ "expression": expression, "returnByValue": true, "userGesture": true });
        let answer = self.call("Runtime.evaluate", ask).await;
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true, over navigations too.
    pub(crate) async fn until(&mut self, expression: &str) {
        let waited = async {
            while self.value(expression).await != Value::Bool(true) {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(PATIENCE, waited).await.is_err() {
            let shown = self
                .value("location.href + '\\n' + document.documentElement.outerHTML")
                .await;
            panic!("never: {expression}\n{}", shown.as_str().unwrap_or_default());
        }
    }

    /// Clicks in the middle of the element that this selector finds, with a mouse.
    pub(crate) async fn click(&mut self, selector: &str) {
        let place = format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        );
        let place = self.value(&place).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Presses a key.
    pub(crate) async fn key(&mut self, key: &str, code: u32) {
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Goes back by one with the tabulator.
    pub(crate) async fn shift_tab(&mut self) {
        let event =
            json!({ "type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9, "modifiers": 8 });
        self.call("Input.dispatchKeyEvent", event).await;
    }

    /// Lets the page have so many seconds, which pass at once: its timers run ahead of the clock. No other page is opened after that.
    pub(crate) async fn wait(&mut self, seconds: u32) {
        let advance = json!({ "policy": "advance", "budget": seconds * 1000 });
        self.call("Emulation.setVirtualTimePolicy", advance).await;
        self.until(&format!("performance.now() >= {}", seconds * 900)).await;
    }

    /// A picture of the page, a PNG.
    pub(crate) async fn picture(&mut self) -> Vec<u8> {
        use base64::Engine as _;
        let answer = self.call("Page.captureScreenshot", json!({ "format": "png" })).await;
        base64::prelude::BASE64_STANDARD
            .decode(answer["data"].as_str().unwrap())
            .unwrap()
    }

    /// Closes it.
    pub(crate) async fn close(mut self) {
        self.session = None;
        self.call("Browser.close", json!({})).await;
        self.child.wait().await.unwrap();
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.to.write_all(&bytes).await.unwrap();
        let answered = async {
            loop {
                let mut bytes = Vec::new();
                self.from.read_until(0, &mut bytes).await.unwrap();
                assert_eq!(bytes.pop(), Some(0), "Chromium ended during {method}");
                let mut answer: Value = serde_json::from_slice(&bytes).unwrap();
                if answer["id"] == json!(self.calls) {
                    return answer["result"].take();
                }
            }
        };
        tokio::time::timeout(PATIENCE, answered).await.unwrap()
    }
}
