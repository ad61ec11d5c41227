//! A server that hangs while its machine lives: whatever it is sent arrives, and no answer comes.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use domain::UserChange;
use persistence::{Database, DatabaseUrl, PoolSettings};
use scratch_database::{OwnPostgres, SilentProxy};

use crate::batched::settled;
use crate::bench::{SaveLogin as _, SqlBench, record, until};

#[test]
fn once_the_first_of_two_hosts_hangs_the_other_one_is_asked_without_a_restart_of_ours() {
    let postgres = OwnPostgres::plan().on_a_port().start().expect("a server");
    let port = postgres.port().expect("a port");
    let bench = SqlBench::migrated(postgres.database());
    let ada = record("auth0|ada", "ada@example.com");
    bench.users.save_login(&ada).expect("a save");
    // The same server twice: the first way to it will hang, as a primary does whose disk does not answer.
    let proxy = SilentProxy::before(port);
    let name = bench.database.scalar("SELECT current_database()").expect("a name");
    let hosts = format!("127.0.0.1:{},127.0.0.1:{port}", proxy.port());
    let url = format!("postgres://postgres@{hosts}/{name}");
    let second = Duration::from_secs(1);
    let settings = PoolSettings { checkout_timeout: second, statement_timeout: second, ..PoolSettings::default() };
    let database = Database::open(&DatabaseUrl::parse(&url).expect("a URL"), &settings).expect("settings");

    let (lookups, users) = (database.async_users(), database.users());
    let found = || settled(lookups.find(&ada.subject)).is_ok();
    // Whoever is under way when it falls silent is not answered while the connection lasts.
    let pool_answers = || {
        let ((done, wait), users, subject) = (channel(), Arc::clone(&users), ada.subject.clone());
        thread::spawn(move || done.send(users.find_by_subject(&subject).is_ok()));
        wait.recv_timeout(second * 3) == Ok(true)
    };
    let (told, hear) = channel();
    let told = Mutex::new(told);
    let tell = move |change| {
        let _test_is_over = told.lock().map(|told| told.send(change));
    };
    database.user_changes().listen(Arc::new(tell)).expect("a thread");
    let told_until_after = |moment: Instant| {
        let is_later = |change| matches!(change, UserChange::ToldUntil(until) if until > moment);
        hear.try_iter().any(is_later)
    };
    let began = Instant::now();
    until("the lookups are connected", found);
    until("the pool is connected", pool_answers);
    until("changes are seen", || told_until_after(began));

    proxy.silence_everybody();
    let silenced = Instant::now();
    until("users are looked up", found);
    until("the pool answers", pool_answers);
    until("changes are seen again", || told_until_after(silenced));
}
