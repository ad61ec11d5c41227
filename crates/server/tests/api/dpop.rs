//! Tokens bound to a key of the client, through the whole server.

use fake_auth0::{BadProof, DpopKey, ProofBuilder};

use crate::client::{Answer, UNAUTHORIZED, bearer, sync_body};
use crate::databases::on_both_databases;
use crate::spawn::{Setup, TestServer};
use crate::websocket_client::Socket;

const PUBLIC_URL: &str = "https://api.example.com/auth";
const ALGS: &str = "ES256 ES384 PS256 PS384 PS512 RS256 RS384 RS512";
const SECRET: &str = "a secret of all nodes with thirty-two bytes or more";

on_both_databases! {
    a_bound_token_is_good_with_a_proof_and_with_nothing_else,
    a_proof_is_good_once_on_all_nodes,
    when_nobody_can_tell_whether_a_proof_was_used_that_is_our_trouble,
}

/// A server that knows Ada, a key of hers, and a token that is bound to it.
struct World {
    server: TestServer,
    key: DpopKey,
    token: String,
}

impl World {
    fn new(setup: Setup, mode: &str) -> Self {
        let server = with_dpop(setup, mode).start();
        let key = DpopKey::generate();
        let token = server.tenant.token_for("auth0|ada").bound_to(&key.thumbprint()).mint();
        let world = Self { server, key, token };
        let proof = world.proof("POST", "/auth/sync").mint();
        let body = sync_body("ada@example.com", "auth0|ada", None);
        let json = ("content-type", "application/json");
        let headers = [("authorization", dpop(&world.token)), ("dpop", proof)];
        let headers = [(headers[0].0, headers[0].1.as_str()), (headers[1].0, headers[1].1.as_str()), json];
        let answer = world.server.send("POST", "/auth/sync", &headers, body.as_bytes());
        // Where nonces are asked for, the proof without one makes no user.
        assert!(answer.status == 200 || answer.header("dpop-nonce").is_some(), "{answer:?}");
        world
    }

    fn proof(&self, method: &str, path: &str) -> ProofBuilder {
        self.key.proof(method, &format!("{PUBLIC_URL}{path}")).for_token(&self.token)
    }

    fn good(&self) -> String {
        self.proof("GET", "/auth/verify").mint()
    }

    fn verify(&self, proof: &str) -> Answer {
        verify_at(&self.server, &self.token, proof)
    }
}

fn with_dpop(setup: Setup, mode: &str) -> Setup {
    setup.with("AUTHSYNC_PUBLIC_URL", PUBLIC_URL).with("AUTHSYNC_DPOP", mode)
}

/// What another server on the same database, for the same tenant, is to be started with.
fn beside(server: &TestServer) -> Setup {
    Setup::on_sqlite()
        .with("AUTH0_DOMAIN", server.tenant.domain())
        .with("AUTH0_API_IDENTIFIER", server.tenant.audience())
        .with("DATABASE_URL", server.database.url())
}

fn verify_at(server: &TestServer, token: &str, proof: &str) -> Answer {
    server.ask("GET", "/auth/verify", &[("authorization", &dpop(token)), ("dpop", proof)])
}

fn dpop(token: &str) -> String {
    format!("DPoP {token}")
}

/// The challenges of a refusal, each of which stands in a header of its own.
#[track_caller]
fn challenges(answer: &Answer) -> Vec<String> {
    answer.assert_error(UNAUTHORIZED);
    let metadata = format!(r#", resource_metadata="{PUBLIC_URL}/.well-known/oauth-protected-resource""#);
    let values = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
    values.map(|(_, value)| value.strip_suffix(&metadata).expect("the metadata").to_owned()).collect()
}

#[track_caller]
fn assert_refused(answer: &Answer, error: &str) {
    let (bearer_error, dpop_error) = match error {
        "" => (String::new(), String::new()),
        "invalid_token" => [format!(r#", error="{error}""#), format!(r#", error="{error}""#)].into(),
        of_proof => (String::new(), format!(r#", error="{of_proof}""#)),
    };
    assert_eq!(
        challenges(answer),
        [format!(r#"Bearer realm="authsync"{bearer_error}"#), format!(r#"DPoP algs="{ALGS}"{dpop_error}"#)]
    );
}

fn a_bound_token_is_good_with_a_proof_and_with_nothing_else(setup: Setup) {
    let world = World::new(setup, "allowed");
    let server = &world.server;
    assert_eq!(world.verify(&world.good()).status, 200);
    assert_refused(&server.get("/auth/verify"), "");
    assert_refused(&server.verify(&world.token), "invalid_token");
    assert_refused(&server.ask("GET", "/auth/verify", &[("authorization", &dpop(&world.token))]), "invalid_dpop_proof");
    let (one, two) = (world.good(), world.good());
    let headers = [("authorization", &*dpop(&world.token)), ("dpop", &*one), ("dpop", &*two)];
    assert_refused(&server.ask("GET", "/auth/verify", &headers), "invalid_dpop_proof");
    for bad in BadProof::ALL {
        let error = if bad.rejection().starts_with("proof_") { "invalid_dpop_proof" } else { "invalid_token" };
        let proof = bad.mint(world.proof("GET", "/auth/verify"));
        assert_refused(&world.verify(&proof), error);
        let counted = format!(r#"authsync_token_verifications_total{{outcome="{}"}}"#, bad.rejection());
        assert!(server.get("/metrics").body.lines().any(|line| line.starts_with(&counted) && !line.ends_with(" 0")));
    }
    // Neither the query of the request nor the one of the proof counts.
    let headers = [("authorization", &*dpop(&world.token)), ("dpop", &*world.good())];
    assert_eq!(server.ask("GET", "/auth/verify?page=2", &headers).status, 200);
    assert_eq!(world.verify(&world.proof("GET", "/auth/verify?page=2").mint()).status, 200);
    // A plain token passes as before, and with a proof it does not.
    let plain = server.tenant.token("auth0|ada");
    assert_eq!(server.verify(&plain).status, 200);
    let proof = world.key.proof("GET", &format!("{PUBLIC_URL}/auth/verify")).for_token(&plain).mint();
    assert_refused(&verify_at(server, &plain, &proof), "invalid_token");
    // HEAD is a method of its own.
    let headers = [("authorization", &*dpop(&world.token)), ("dpop", &*world.good())];
    assert_eq!(server.ask("HEAD", "/auth/verify", &headers).status, 401);
}

fn a_proof_is_good_once_on_all_nodes(setup: Setup) {
    let world = World::new(setup, "required");
    let there = with_dpop(beside(&world.server), "required").start();
    let (here_first, there_first) = (world.good(), world.good());
    assert_eq!(world.verify(&here_first).status, 200);
    assert_eq!(verify_at(&there, &world.token, &there_first).status, 200);
    for proof in [&here_first, &there_first] {
        for node in [&world.server, &there] {
            let again = verify_at(node, &world.token, proof);
            assert_eq!(challenges(&again), [format!(r#"DPoP algs="{ALGS}", error="invalid_dpop_proof""#)]);
        }
    }
    assert_eq!(verify_at(&there, &world.token, &world.good()).status, 200);
}

fn when_nobody_can_tell_whether_a_proof_was_used_that_is_our_trouble(setup: Setup) {
    let world = World::new(setup, "allowed");
    let plain = world.server.tenant.token("auth0|ada");
    world.server.database.execute("DROP TABLE dpop_proofs_used");
    world.verify(&world.good()).assert_unavailable();
    let metrics = world.server.get("/metrics").body;
    assert!(metrics.contains(r#"authsync_token_verifications_total{outcome="proofs_unavailable"} 1"#), "{metrics}");
    // What needs no memory of proofs goes on.
    assert_eq!(world.server.verify(&plain).status, 200);
    let unsigned = world.proof("GET", "/auth/verify").unsigned().mint();
    assert_refused(&world.verify(&unsigned), "invalid_dpop_proof");
}

#[test]
fn of_many_requests_with_one_proof_on_two_nodes_one_is_let_in() {
    let world = World::new(Setup::on_postgres(), "required");
    let there = with_dpop(beside(&world.server), "required").start();
    for _ in 0..5 {
        let proof = world.good();
        let let_in: usize = std::thread::scope(|scope| {
            let nodes = [&world.server, &there, &world.server, &there, &world.server, &there];
            let asked = nodes.map(|node| scope.spawn(|| verify_at(node, &world.token, &proof).status));
            asked.into_iter().map(|asked| asked.join().expect("an answer")).filter(|status| *status == 200).count()
        });
        assert_eq!(let_in, 1);
    }
}

#[test]
fn what_the_request_says_of_its_host_changes_nothing() {
    let world = World::new(Setup::on_sqlite(), "allowed");
    let own = format!("http://{}/auth/verify", world.server.address());
    let for_own = || world.key.proof("GET", &own).for_token(&world.token).mint();
    let forged = |proof: &str, header: &str, value: &str| {
        let headers = [("authorization", &*dpop(&world.token)), ("dpop", proof), (header, value)];
        world.server.ask("GET", "/auth/verify", &headers)
    };
    assert_refused(&world.verify(&for_own()), "invalid_dpop_proof");
    for (header, value) in [
        ("host", "evil.example"),
        ("host", "api.example.com"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example;proto=http"),
    ] {
        for url in [own.as_str(), "https://evil.example/auth/verify", "http://evil.example/auth/verify"] {
            let proof = world.key.proof("GET", url).for_token(&world.token).mint();
            assert_refused(&forged(&proof, header, value), "invalid_dpop_proof");
        }
        assert_eq!(forged(&world.good(), header, value).status, 200, "{header}: {value}");
    }
}

#[test]
fn where_bound_tokens_are_required_no_other_passes() {
    let world = World::new(Setup::on_sqlite(), "required");
    let plain = world.server.tenant.token("auth0|ada");
    let invalid = format!(r#"DPoP algs="{ALGS}", error="invalid_token""#);
    assert_eq!(challenges(&world.server.verify(&plain)), [&*invalid]);
    assert_eq!(challenges(&world.server.verify(&world.token)), [&*invalid]);
    assert_eq!(challenges(&world.server.get("/auth/verify")), [format!(r#"DPoP algs="{ALGS}""#)]);
    assert_eq!(world.verify(&world.good()).status, 200);
}

#[test]
fn where_dpop_is_off_its_scheme_brings_no_token_and_a_bound_one_is_refused() {
    let server = Setup::on_sqlite().start();
    let key = DpopKey::generate();
    let token = server.tenant.token_for("auth0|ada").bound_to(&key.thumbprint()).mint();
    let proof = key.proof("GET", &format!("{PUBLIC_URL}/auth/verify")).for_token(&token).mint();
    verify_at(&server, &token, &proof).assert_asks_for_a_token();
    verify_at(&server, &server.tenant.token("auth0|ada"), &proof).assert_asks_for_a_token();
    server.ask("GET", "/auth/verify", &[("authorization", &dpop(&token))]).assert_asks_for_a_token();
    server.verify(&token).assert_refuses_the_token();
    server.refused_socket(&[("authorization", &dpop(&token)), ("dpop", &proof)]).assert_asks_for_a_token();
    assert!(
        server.get("/.well-known/oauth-protected-resource").json().get("dpop_bound_access_tokens_required").is_none()
    );
}

#[test]
fn a_client_gets_its_nonce_from_the_refusal_and_the_next_from_each_answer() {
    let setup = |setup: Setup| with_dpop(setup, "allowed").with("AUTHSYNC_DPOP_NONCE_SECRET", SECRET);
    let world = World::new(setup(Setup::on_sqlite()), "allowed");
    let first = world.verify(&world.good());
    assert_refused(&first, "use_dpop_nonce");
    let nonce = first.header("dpop-nonce").expect("a nonce").to_owned();
    let with_nonce = |nonce: &str| world.proof("GET", "/auth/verify").nonce(nonce).mint();
    // Ada is not in the table yet; what counts is that she is let in.
    let second = world.verify(&with_nonce(&nonce));
    assert_eq!(second.status, 404, "{second:?}");
    let next = second.header("dpop-nonce").expect("the next nonce").to_owned();
    assert_eq!(world.verify(&with_nonce(&next)).status, 404);
    let made_up = world.verify(&with_nonce("AAAAAAAAAAAAAAAAAAAAAA"));
    assert_refused(&made_up, "use_dpop_nonce");
    assert!(made_up.header("dpop-nonce").is_some());

    // Another node has the same secret and knows the nonce; who sends no proofs gets none.
    let there = setup(beside(&world.server)).start();
    assert_eq!(verify_at(&there, &world.token, &with_nonce(&nonce)).status, 404);
    assert_eq!(there.verify(&world.server.tenant.token("auth0|ada")).header("dpop-nonce"), None);
    assert_eq!(there.get("/auth/verify").header("dpop-nonce"), None);
}

#[test]
fn a_socket_opens_with_a_proof_in_the_handshake_and_a_bound_token_comes_no_other_way() {
    let world = World::new(Setup::on_sqlite(), "allowed");
    let address = world.server.address();
    let (authorization, proof) = (dpop(&world.token), world.proof("GET", "/ws").mint());
    let headers = [("authorization", authorization.as_str()), ("dpop", proof.as_str())];
    let mut socket = Socket::open_with(address, &headers);
    assert_eq!(socket.next()["user"]["email"], "ada@example.com");
    assert!(matches!(Socket::try_open(address, &headers), Err(401)), "the same proof again");
    for wrong in [world.good(), world.proof("POST", "/ws").mint()] {
        let refused = world.server.refused_socket(&[("authorization", &authorization), ("dpop", &wrong)]);
        assert_refused(&refused, "invalid_dpop_proof");
    }
    for headers in
        [[("sec-websocket-protocol", format!("bearer, {}", world.token))], [("authorization", bearer(&world.token))]]
    {
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_refused(&world.server.refused_socket(&headers), "invalid_token");
    }
    // Nor in the socket itself, which goes on with the token that it has.
    socket.renew(&world.token);
    assert_eq!(socket.next_of("error")["code"], "unauthorized");
}

#[test]
fn the_metadata_tells_what_is_asked_of_clients() {
    for (mode, required) in [("allowed", false), ("required", true)] {
        let server = with_dpop(Setup::on_sqlite(), mode).start();
        let metadata = server.get("/.well-known/oauth-protected-resource").json();
        assert_eq!(metadata["dpop_bound_access_tokens_required"], required);
        let algorithms: Vec<_> = ALGS.split(' ').collect();
        assert_eq!(metadata["dpop_signing_alg_values_supported"], serde_json::json!(algorithms));
    }
}
