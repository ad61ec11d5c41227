//! A webhook that remembers what it got and answers as it is told.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// What came with one request.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) head: Vec<String>,
    pub(crate) event: Value,
}

pub(crate) struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    /// Statuses to answer with, before 204; 0 ends the connection instead.
    answers: VecDeque<u16>,
}

impl Receiver {
    /// It listens until the process ends.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&receiver.state);
        thread::spawn(move || listener.incoming().for_each(|stream| serve(stream.unwrap(), &state)));
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/auth0/events", self.address)
    }

    pub(crate) fn answer_with(&self, statuses: &[u16]) {
        self.state.lock().unwrap().answers.extend(statuses);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.received().iter().map(|received| received.event["type"].as_str().unwrap().to_owned()).collect()
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(&stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_lowercase());
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut state = state.lock().unwrap();
    state.received.push(Received { head, event: serde_json::from_slice(&body).unwrap() });
    let status = state.answers.pop_front().unwrap_or(204);
    drop(state);
    if status != 0 {
        write!(&stream, "HTTP/1.1 {status} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
    }
}
