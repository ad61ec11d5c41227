//! https with the tenant's own authority.

use std::sync::Arc;

use fake_auth0::{Endpoint, FakeAuth0};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::client::{json, verifies};

fn agent_trusting(pem: &str) -> Agent {
    let certificate = Certificate::from_pem(pem.as_bytes()).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[certificate]))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build();
    Agent::config_builder().tls_config(tls).build().into()
}

#[test]
fn the_key_set_is_served_over_https_to_those_who_trust_the_authority() {
    let tenant = FakeAuth0::builder().https(true).start();
    assert_eq!(tenant.domain(), format!("localhost:{}", tenant.address().port()));
    assert_eq!(tenant.issuer(), format!("https://{}/", tenant.domain()));
    let agent = agent_trusting(tenant.ca_pem());
    let by_address = format!("https://127.0.0.1:{}/.well-known/jwks.json", tenant.address().port());
    for url in [tenant.url(Endpoint::Jwks), by_address] {
        let keys = json(&mut agent.get(url).call().unwrap());
        assert!(verifies(&tenant.token("auth0|1"), &keys));
    }
}

#[test]
fn another_tenants_authority_is_not_trusted() {
    let (tenant, other) = (FakeAuth0::builder().https(true).start(), FakeAuth0::builder().https(true).start());
    assert!(agent_trusting(other.ca_pem()).get(tenant.url(Endpoint::Jwks)).call().is_err());
    assert_eq!(tenant.requests(Endpoint::Jwks), 0);
}

#[test]
fn faults_and_absence_work_over_https_too() {
    let tenant = FakeAuth0::builder().https(true).start();
    let fetch = || agent_trusting(tenant.ca_pem()).get(tenant.url(Endpoint::Jwks)).call();
    tenant.close(Endpoint::Jwks);
    assert!(fetch().is_err());
    tenant.restore(Endpoint::Jwks);
    assert!(fetch().is_ok());
    tenant.go_down();
    assert!(fetch().is_err());
    tenant.come_back();
    assert!(fetch().is_ok());
}

#[test]
fn the_authority_is_written_to_a_file() {
    let tenant = FakeAuth0::builder().https(true).start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    tenant.write_ca_pem(&path).unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), tenant.ca_pem());
    assert!(tenant.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(FakeAuth0::start().ca_pem(), "");
}
