//! How long it takes from the start of a process to its first good answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::contender::{Contender, UNCACHED, USERS_UNCACHED};
use super::figures::Figure;
use super::ground::Ground;
use super::options::Options;
use super::running::{environment, free_address};
use super::scenario::Scenario;
use crate::screen::Screen;

const GIVE_UP: Duration = Duration::from_secs(20);
/// Between two attempts.
const PAUSE: Duration = Duration::from_micros(200);
const GOOD: &[u8] = b"HTTP/1.1 200";

/// The starts of one server, in milliseconds, a round each.
#[derive(Debug)]
pub(in crate::bench) struct Starts {
    pub(in crate::bench) contender: Contender,
    pub(in crate::bench) milliseconds: Vec<f64>,
}

/// Ends with this.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts each server again and again, in turns.
///
/// # Errors
/// One of them does not start.
pub(in crate::bench) fn measure(ground: &Ground, options: &Options, screen: Screen) -> anyhow::Result<Vec<Starts>> {
    // Caches have nothing to do with a start.
    let wanted = options.contenders.iter().filter(|one| one.name != UNCACHED && one.name != USERS_UNCACHED);
    let mut all: Vec<Starts> =
        wanted.map(|contender| Starts { contender: *contender, milliseconds: Vec::new() }).collect();
    let token = ground.tenant.first_token()?;
    for _ in 0..2 * options.rounds + 1 {
        for starts in &mut all {
            let time = once(&starts.contender, ground, &token).with_context(|| starts.contender.name)?;
            starts.milliseconds.push(time.as_secs_f64() * 1e3);
        }
    }
    for starts in &all {
        let figure = Figure::of(starts.milliseconds.iter().copied());
        let shown = figure.map(|figure| figure.with(1).to_string()).unwrap_or_default();
        screen.line(format_args!("{:<26} {shown} ms", starts.contender.name));
    }
    Ok(all)
}

/// The starts of the server of this name.
pub(in crate::bench) fn of<'a>(all: &'a [Starts], name: &str) -> &'a [f64] {
    all.iter().find(|starts| starts.contender.name == name).map_or(&[], |starts| starts.milliseconds.as_slice())
}

fn once(contender: &Contender, ground: &Ground, token: &str) -> anyhow::Result<Duration> {
    let database = ground.database_for(contender, Scenario::VerifyHot)?;
    let address = free_address()?;
    let mut command = Command::new(ground.programs.of(contender.program)?);
    command.env_clear().envs(environment(contender, ground, &database, address));
    command.current_dir(super::folder()?).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let request = format!("GET /auth/verify HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n");
    let begin = Instant::now();
    let _started = Started(command.spawn().context("it cannot be started")?);
    loop {
        if answers(address, request.as_bytes()) {
            return Ok(begin.elapsed());
        }
        if begin.elapsed() > GIVE_UP {
            bail!("no good answer within {} seconds", GIVE_UP.as_secs());
        }
        thread::park_timeout(PAUSE);
    }
}

fn answers(address: SocketAddr, request: &[u8]) -> bool {
    let mut begin = [0; GOOD.len()];
    let asked = TcpStream::connect(address).and_then(|mut stream| {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(GIVE_UP))?;
        stream.write_all(request)?;
        stream.read_exact(&mut begin)
    });
    asked.is_ok() && begin == *GOOD
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_a_good_answer_counts() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            for answer in ["HTTP/1.1 503 Service Unavailable\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
                let (mut stream, _) = listener.accept().unwrap();
                assert!(stream.read(&mut [0; 16]).unwrap() > 0);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        assert!(!answers(address, b"GET"));
        assert!(answers(address, b"GET"));
        server.join().unwrap();
        assert!(!answers(address, b"GET"), "nobody listens any more");
    }
}
