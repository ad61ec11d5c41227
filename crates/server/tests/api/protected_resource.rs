//! `GET /.well-known/oauth-protected-resource`: where a client that has no token gets one.

use crate::spawn::Setup;

const PATH: &str = "/.well-known/oauth-protected-resource";

#[test]
fn the_api_and_its_issuer_are_named() {
    let server = Setup::on_sqlite().start();
    let answer = server.get(PATH);
    answer.assert_ok(&format!(
        r#"{{"resource":"{}","authorization_servers":["{}"],"bearer_methods_supported":["header"]}}"#,
        server.tenant.audience(),
        server.tenant.issuer(),
    ));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
}

#[test]
fn a_public_url_is_the_name_of_the_resource_where_there_is_one() {
    let server = Setup::on_sqlite().with("AUTHSYNC_PUBLIC_URL", "https://api.example.com").start();
    let answer = server.get(PATH).json();
    assert_eq!(answer["resource"], "https://api.example.com");
    assert_eq!(answer["authorization_servers"], serde_json::json!([server.tenant.issuer()]));
}

#[test]
fn it_can_only_be_read() {
    let server = Setup::on_sqlite().start();
    let answer = server.ask("POST", PATH, &[]);
    answer.assert_error(crate::client::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), Some("GET, HEAD"));
}

#[test]
fn challenges_tell_where_the_metadata_is_once_the_public_url_is_known() {
    let server = Setup::on_sqlite().with("AUTHSYNC_PUBLIC_URL", "https://api.example.com/auth/").start();
    let metadata = r#"resource_metadata="https://api.example.com/auth/.well-known/oauth-protected-resource""#;
    let challenge = |answer: &crate::client::Answer| answer.header("www-authenticate").map(str::to_owned);
    let none = server.get("/auth/verify");
    assert_eq!(challenge(&none), Some(format!(r#"Bearer realm="authsync", {metadata}"#)));
    let bad = server.verify("bad");
    assert_eq!(challenge(&bad), Some(format!(r#"Bearer realm="authsync", error="invalid_token", {metadata}"#)));
}
