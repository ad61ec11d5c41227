//! Logins at the program.

use fake_auth0::FRONTEND_CLIENT_ID;
use serde_json::json;

use crate::binary::Program;
use crate::client::agent;

#[test]
fn it_tells_the_client_that_people_log_in_to() {
    assert_eq!(Program::start(&[]).fact("spa_client_id"), FRONTEND_CLIENT_ID);
    let program = Program::start(&["--spa-client-id", "mine", "--domain", "http://localhost:{port}"]);
    assert_eq!(program.fact("spa_client_id"), "mine");
    assert!(program.fact("issuer").starts_with("http://localhost:"));
}

#[test]
fn an_application_with_an_address_is_there_and_nowhere_else() {
    let program = Program::start(&["--spa-client-id", "mine", "--spa-url", "https://app.example.test"]);
    let logout = |url: &str| {
        let url = format!("{}v2/logout?client_id=mine&returnTo={url}", program.fact("issuer"));
        agent().get(url).call().unwrap().status().as_u16()
    };
    assert_eq!((logout("https://app.example.test"), logout("http://localhost:3000")), (302, 403));
}

#[test]
fn it_lends_its_certificate_to_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("page.pem"), folder.path().join("page.key"));
    let (certificate_file, key_file) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let arguments = ["--https", "--page-cert-file", certificate_file, "--page-key-file", key_file];
    let _program = Program::start(&arguments);
    assert!(std::fs::read_to_string(certificate).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(std::fs::read_to_string(key).unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
}

#[test]
fn a_developer_changes_lifetimes_and_logs_people_out() {
    let program = Program::start(&["--access-token-lifetime", "60", "--email-claims"]);
    assert_eq!(program.post("dev/login", json!({ "access_token_lifetime": 20 })).0, 204);
    assert_eq!(program.post("dev/log-out", json!({ "sub": "auth0|ada" })).0, 204);
    assert_eq!(program.post("dev/log-out", json!({})).0, 400);
    assert_eq!(program.post("dev/login", json!({ "lifetime": 20 })).0, 400);
}
