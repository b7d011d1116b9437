//! What is strange about the HTML of a template. It reads the text only: mail programs have their own ideas of what HTML is.

use url::Url;

use super::Warning;

/// What mail programs leave out or mark as dangerous.
const RISKY: [&str; 8] = [
    "<script",
    "<form",
    "<iframe",
    "<object",
    "<embed",
    "<base",
    "http-equiv",
    "javascript:",
];

/// What is strange about this HTML, which shows the link `own`.
pub(super) fn warnings(html: &str, own: &str) -> Vec<Warning> {
    let html = html.to_lowercase();
    let risky = RISKY.iter().filter(|what| html.contains(**what));
    let mut warnings: Vec<Warning> = risky.map(|what| Warning::Risky((*what).to_owned())).collect();
    let own = Url::parse(own).ok();
    let own = own.as_ref().and_then(Url::host_str);
    for host in hosts(&html) {
        let warning = Warning::OtherHost(host.clone());
        if Some(host.as_str()) != own && !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings
}

/// The hosts of everything that looks like an address of the web.
fn hosts(html: &str) -> impl Iterator<Item = String> {
    html.split("//").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || ".-_:@[]%".contains(c)));
        let host = rest.get(..end.unwrap_or(rest.len()))?;
        let url = Url::parse(&format!("https://{host}/")).ok()?;
        url.host_str().filter(|host| host.contains('.')).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_hosts_and_programs_are_named() {
        let html = "<a href='https://own.test/i/x'>a</a><img src=\"//Track.test/p.gif\"><SCRIPT>1 // 2</script><a href=https://track.test:1/>";
        let found = warnings(html, "https://own.test/i/x");
        assert_eq!(
            found,
            [
                Warning::Risky("<script".to_owned()),
                Warning::OtherHost("track.test".to_owned())
            ]
        );
        assert!(warnings("<p>a // b.</p>", "https://own.test/").is_empty());
    }
}
