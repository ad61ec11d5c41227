//! What goes out on a socket.

use std::time::Duration;

use actix_ws::{CloseReason, Closed, Session};
use tokio::time::timeout;

use super::ending::Ending;
use super::message::ServerMessage;

/// The way to one client. A few frames may wait for the connection to take them; the next one is waited with, for a time.
pub(super) struct Outbox {
    session: Session,
    patience: Duration,
}

impl Outbox {
    pub(super) fn new(session: Session, patience: Duration) -> Self {
        Self { session, patience }
    }

    pub(super) async fn say(&mut self, message: &ServerMessage<'_>) -> Result<(), Ending> {
        let Ok(json) = message.to_json() else { return Ok(()) };
        self.write(async |session| session.text(json).await).await
    }

    pub(super) async fn ping(&mut self) -> Result<(), Ending> {
        self.write(async |session| session.ping(b"").await).await
    }

    pub(super) async fn pong(&mut self, ping: &[u8]) -> Result<(), Ending> {
        self.write(async |session| session.pong(ping).await).await
    }

    /// The last frame. The connection ends behind it.
    pub(super) async fn close(self, reason: Option<CloseReason>) {
        let _taken_or_cut_off = timeout(self.patience, self.session.close(reason)).await;
    }

    async fn write(&mut self, frame: impl AsyncFnOnce(&mut Session) -> Result<(), Closed>) -> Result<(), Ending> {
        match timeout(self.patience, frame(&mut self.session)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ending::Lost),
            Err(_) => Err(Ending::TooSlow),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use actix_web::{FromRequest as _, web};

    use super::*;

    /// The answer to a handshake, and what is said behind it.
    async fn opened() -> (actix_web::HttpResponse, Outbox) {
        let (request, mut payload) = TestRequest::get()
            .insert_header(("connection", "upgrade"))
            .insert_header(("upgrade", "websocket"))
            .insert_header(("sec-websocket-version", "13"))
            .insert_header(("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="))
            .to_http_parts();
        let payload = web::Payload::from_request(&request, &mut payload).await.expect("a payload");
        let (answer, session, _) = actix_ws::handle(&request, payload).expect("a handshake");
        (answer, Outbox::new(session, Duration::from_millis(20)))
    }

    #[actix_web::test]
    async fn a_client_that_takes_nothing_is_given_up_after_a_bounded_number_of_frames() {
        let (_unread, mut outbox) = opened().await;
        let mut taken = 0;
        let ending = loop {
            match outbox.say(&ServerMessage::Renewed { expires_at: 1 }).await {
                Ok(()) => taken += 1,
                Err(ending) => break ending,
            }
        };
        assert_eq!(ending, Ending::TooSlow);
        assert!((1..100).contains(&taken), "{taken}");
        outbox.close(None).await;
    }

    #[actix_web::test]
    async fn a_connection_that_is_gone_is_noticed() {
        let (answer, mut outbox) = opened().await;
        drop(answer);
        assert_eq!(outbox.ping().await, Err(Ending::Lost));
    }
}
