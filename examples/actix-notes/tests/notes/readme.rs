//! The README, line by line: every `$ curl` in it is sent, and what stands below it must be the answer.

use fake_auth0::FakeAuth0;
use ureq::http::{HeaderValue, Response};
use ureq::{Agent, Body};

/// A question of the README and the answer that it shows.
pub(crate) struct Step<'a> {
    line: &'a str,
    /// The status line, the headers that are shown, and the body.
    shown: Vec<&'a str>,
}

/// Everything behind `$ curl` in blocks of the language `console`.
pub(crate) fn steps(readme: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```").expect("an end of the block");
        for line in block.lines() {
            if let Some(line) = line.strip_prefix("$ ") {
                assert!(line.starts_with("curl "), "nobody knows how to run {line}");
                steps.push(Step { line, shown: Vec::new() });
            } else {
                steps.last_mut().expect("a line that is run").shown.push(line);
            }
        }
    }
    steps
}

impl Step<'_> {
    /// Sends the line to the service, whatever port the README names, and holds the answer against what is shown.
    pub(crate) fn perform(&self, service: &str, tenant: &FakeAuth0) {
        let answer = ask(&words(&with_tokens(self.line, tenant)), service);
        let mut shown = self.shown.iter().rev().skip_while(|line| line.is_empty()).copied().collect::<Vec<_>>();
        shown.reverse();
        let mut head = shown.split(|line| line.is_empty());
        let (head, body) = (head.next().expect("a head"), head.flatten().copied().collect::<Vec<_>>().join("\n"));
        let (status_line, headers) = head.split_first().expect("a status line");
        let status = status_line.split(' ').nth(1).expect("a status");
        assert_eq!(answer.status().as_str(), status, "{}", self.line);
        for header in headers {
            let (name, value) = header.split_once(": ").expect("a header");
            let values: Vec<&HeaderValue> = answer.headers().get_all(name).iter().collect();
            assert_eq!(values, [value], "{name} of {}", self.line);
        }
        // What the README does not show must not be there.
        let hides_challenge = !headers.iter().any(|header| header.starts_with("www-authenticate"));
        assert_eq!(answer.headers().contains_key("www-authenticate"), !hides_challenge, "{}", self.line);
        let said = answer.into_body().read_to_string().expect("text");
        assert_eq!(said.trim_end(), body, "{}", self.line);
    }
}

/// What `$(cargo xtask token …)` would print.
fn with_tokens(line: &str, tenant: &FakeAuth0) -> String {
    let Some((before, rest)) = line.split_once("$(cargo xtask token") else { return line.to_owned() };
    let (options, after) = rest.split_once(')').expect("an end of the command");
    let options = words(options);
    let value = |pair: &[String]| pair[1].clone();
    let named = |name: &str| options.chunks(2).filter(|pair| pair[0] == name).map(value).collect::<Vec<_>>();
    assert_eq!(options.len() % 2, 0, "{line}");
    let sub = named("--sub").pop().unwrap_or_else(|| "auth0|ada".to_owned());
    let mut token = tenant.token_for(&sub);
    for seconds in named("--expires-in") {
        token = token.expires_in(seconds.parse().expect("a number"));
    }
    let (scopes, permissions) = (named("--scope"), named("--permission"));
    if !scopes.is_empty() {
        token = token.scope(scopes.join(" "));
    }
    if !permissions.is_empty() {
        token = token.claim("permissions", permissions);
    }
    for id in named("--org") {
        token = token.claim("org_id", id);
    }
    format!("{before}{}{after}", token.mint())
}

/// As a shell would take the line apart.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.trim().chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().expect("a word").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `curl -i URL`, with `-H` and `-d`.
fn ask(words: &[String], service: &str) -> Response<Body> {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let (mut url, mut headers, mut body) = (None, Vec::new(), None);
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-i" => {}
            "-H" => headers.push(rest.next().and_then(|header| header.split_once(": ")).expect("a header")),
            "-d" => body = rest.next(),
            address => {
                let (_, path) = address.split_once('/').expect("a path");
                url = Some(format!("{service}/{path}"));
            }
        }
    }
    let url = url.expect("an address");
    match body {
        None => {
            let request = headers.iter().fold(agent.get(url), |request, (name, value)| request.header(*name, *value));
            request.call().expect("an answer")
        }
        Some(body) => {
            let request = headers.iter().fold(agent.post(url), |request, (name, value)| request.header(*name, *value));
            request.send(body.as_str()).expect("an answer")
        }
    }
}
