//! What is put there comes out, and what cannot is told.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::*;

/// A reader that takes as many writes as it is asked to.
struct Pipe(SyncSender<Vec<u8>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if !bytes.is_empty() && self.0.send(bytes.to_vec()).is_err() {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn sink_with_room_for(writes: usize) -> (Sink, Receiver<Vec<u8>>) {
    let (sender, receiver) = sync_channel(writes);
    (Sink::to(Pipe(sender), |_, lost| format!("{lost} lines were lost\n")).expect("a thread"), receiver)
}

fn put(sink: &Sink, kind: Kind, line: &str) {
    sink.put(kind, Instant::now(), |out, _| out.extend_from_slice(line.as_bytes()));
}

fn text(written: impl IntoIterator<Item = Vec<u8>>) -> String {
    String::from_utf8(written.into_iter().flatten().collect()).expect("text")
}

#[test]
fn lines_come_out_in_the_order_of_their_thread() {
    let (sink, written) = sink_with_room_for(1_000);
    put(&sink, Kind::Request, "1\n");
    put(&sink, Kind::Request, "2\n");
    put(&sink, Kind::Other, "3\n");
    put(&sink, Kind::Request, "4\n");
    sink.flush();
    assert_eq!(text(written.try_iter()), "1\n2\n3\n4\n");
}

#[test]
fn a_line_about_a_request_does_not_wait_for_another() {
    let (sink, written) = sink_with_room_for(1_000);
    put(&sink, Kind::Request, "1\n");
    assert_eq!(written.recv_timeout(Duration::from_secs(20)).expect("a line"), b"1\n");
}

#[test]
fn while_nobody_reads_nobody_waits_and_memory_is_bounded_and_what_was_lost_is_told() {
    let (sink, written) = sink_with_room_for(0);
    let line = "x".repeat(1_023) + "\n";
    for _ in 0..4 * MOST_OF_REQUESTS / line.len() {
        put(&sink, Kind::Request, &line);
    }
    let lost = sink.dropped();
    assert!(lost.requests > 0 && lost.others == 0, "{lost:?}");
    put(&sink, Kind::Other, "there is room for what matters more\n");
    assert_eq!(sink.dropped(), lost);
    // The writer may take what is there once more before it waits for its reader.
    for _ in 0..4 * MOST / line.len() {
        put(&sink, Kind::Other, &line);
    }
    assert!(sink.dropped().others > 0);
    let held: usize = sink.shared.stripes.iter().map(|stripe| locked(&stripe.0).text.len()).sum();
    assert!(held <= MOST + line.len(), "{held}");
    let mut text = String::new();
    while !(text.contains(" lines were lost\n") && text.contains("there is room for what matters more\n")) {
        text += &self::text([written.recv_timeout(Duration::from_secs(20)).expect("more")]);
    }
}

#[test]
fn nobody_waits_for_ever_for_a_reader_that_is_gone() {
    let (sink, written) = sink_with_room_for(0);
    drop(written);
    put(&sink, Kind::Other, "1\n");
    sink.flush();
    assert_eq!(sink.dropped(), Dropped::default());
}
