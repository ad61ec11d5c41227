//! A tenant, a users table, and a service on a socket.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use auth0_verify::Challenger;
use auth0_verify_tokio::{Denial, Gate, Watcher};
use domain::in_memory::InMemoryUserRepository;
use domain::{
    Auth0Fact, Auth0Profile, Change, EmailAddress, Profile, ProfileEmail, RepositoryError, Saved, SchemaState, Subject,
    UnixTime, User, UserRepository, VerifiedToken, VerifyError,
};

use crate::service::Service;
use crate::tenant::Tenant;

const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct World {
    pub(crate) tenant: Tenant,
    pub(crate) users: Arc<Users>,
    judged: Arc<Judged>,
    service: Service,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl World {
    pub(crate) fn start() -> Self {
        Self::at(Tenant::start())
    }

    /// The issuer publishes nothing.
    pub(crate) fn start_without_keys() -> Self {
        let tenant = Tenant::start();
        tenant.publish_nothing();
        Self::at(tenant)
    }

    fn at(tenant: Tenant) -> Self {
        let challenger = Challenger::for_realm("notes").expect("a realm");
        let (users, judged) = (Arc::new(Users::of_the_tests()), Arc::new(Judged::default()));
        let without_table = Gate::new(tenant.verifier(), challenger).watched_by(judged.clone());
        let gate = without_table.clone().with_users(users.clone());
        let service = Service::start(gate, without_table);
        Self { tenant, users, judged, service }
    }

    pub(crate) fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into();
        let mut request = agent.get(format!("http://{}{path}", self.address()));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let mut answer = request.call().expect("an answer");
        let text = |value: &ureq::http::HeaderValue| value.to_str().expect("text").to_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let body = answer.body_mut().read_to_string().expect("text");
        Answer { status: answer.status().as_u16(), headers, body }
    }

    /// Sends these bytes and reads on until the head of an answer and what it announces are there.
    pub(crate) fn raw(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream.write_all(head.as_bytes()).expect("the service listens");
        stream.write_all(body.as_bytes()).expect("the service listens");
        let mut received = Vec::new();
        let mut piece = [0; 4096];
        while !is_whole(&received) {
            let count = stream.read(&mut piece).expect("an answer in time");
            assert_ne!(count, 0, "half an answer: {:?}", String::from_utf8_lossy(&received));
            received.extend_from_slice(&piece[..count]);
        }
        String::from_utf8(received).expect("text")
    }

    /// How many tokens the gate has judged.
    pub(crate) fn judged(&self) -> usize {
        self.judged.0.load(Ordering::SeqCst)
    }

    fn address(&self) -> SocketAddr {
        self.service.address
    }
}

fn is_whole(received: &[u8]) -> bool {
    let text = String::from_utf8_lossy(received).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    body.len() >= length.trim().parse::<usize>().expect("a number")
}

impl Answer {
    /// The one value of a header.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(one, _)| one == name).map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "a second {name}");
        value
    }
}

#[derive(Default)]
struct Judged(AtomicUsize);

impl Watcher for Judged {
    fn token_judged(&self, _: Result<&VerifiedToken, &VerifyError>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn denied(&self, _: &Denial) {}
}

/// Ada, who may come in; Bob, who is blocked; Carol, who was deleted.
#[derive(Default)]
pub(crate) struct Users {
    table: InMemoryUserRepository,
    down: AtomicBool,
}

impl Users {
    fn of_the_tests() -> Self {
        let users = Self::default();
        for (sub, blocked, deleted) in
            [("auth0|ada", false, None), ("auth0|bob", true, None), ("auth0|carol", false, Some(2))]
        {
            let subject = Subject::parse(sub).expect("a subject");
            let address = EmailAddress::parse(&format!("{}@example.com", &sub[6..])).expect("an address");
            let email = Some(ProfileEmail { address, verified: true });
            let profile = Auth0Profile::of(Profile { email, ..Profile::default() }, UnixTime::from_secs(1));
            let deleted_at = deleted.map(UnixTime::from_secs);
            let fact = Auth0Fact { subject, profile: Some(Auth0Profile { blocked, ..profile }), deleted_at };
            users.table.save(Change::Fact(&fact)).expect("a row");
        }
        users
    }

    pub(crate) fn go_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }

    fn table(&self) -> Result<&InMemoryUserRepository, RepositoryError> {
        let is_down = self.down.load(Ordering::SeqCst);
        if is_down { Err(RepositoryError::Unavailable("down".into())) } else { Ok(&self.table) }
    }
}

impl UserRepository for Users {
    fn find_by_subject(&self, subject: &Subject) -> Result<Option<User>, RepositoryError> {
        self.table()?.find_by_subject(subject)
    }

    fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, RepositoryError> {
        self.table()?.find_by_email(email)
    }

    fn save(&self, change: Change<'_>) -> Result<Saved, RepositoryError> {
        self.table()?.save(change)
    }

    fn schema_state(&self) -> Result<SchemaState, RepositoryError> {
        self.table()?.schema_state()
    }
}
