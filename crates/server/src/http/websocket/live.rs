//! One open socket: a task that sleeps until there is something to do.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::web;
use actix_ws::{CloseReason, MessageStream, Session};
use auth0_verify_actix::Gate;
use domain::{ConfirmError, KnownUser, Presented, VerifiedToken, confirm_user_later};
use tokio::time::sleep;

use super::allowance::Allowance;
use super::ending::Ending;
use super::inbox::{Inbox, Incoming};
use super::message::{ClientMessage, Refusal, ServerMessage};
use super::outbox::Outbox;
use super::registry::{Seat, Wake};
use super::schedule::{Due, Schedule};
use crate::composition::Services;
use crate::http::api_error::ApiError;
use crate::settings::WebSocketSettings;

/// Something that takes its time while the socket goes on living; one of a kind at most.
type Pending<T> = Option<Pin<Box<dyn Future<Output = T>>>>;

/// The work in hand: none for a socket at rest.
#[derive(Default)]
struct InHand {
    /// A newer token is being judged. Until it is, the client is not listened to.
    renewal: Pending<Result<VerifiedToken, ApiError>>,
    /// The row is being read.
    reading: Pending<Result<Arc<KnownUser>, ConfirmError>>,
    /// It has changed once more meanwhile.
    stale: bool,
}

/// The socket's connections with everything else.
pub(super) struct Live {
    inbox: Inbox,
    outbox: Outbox,
    /// What the client said last.
    goodbye: Option<CloseReason>,
    seat: Seat,
    caller: VerifiedToken,
    services: web::Data<Services>,
    gate: web::Data<Gate>,
    settings: web::Data<WebSocketSettings>,
}

impl Live {
    pub(super) fn new(
        session: Session,
        messages: MessageStream,
        seat: Seat,
        caller: VerifiedToken,
        services: web::Data<Services>,
        gate: web::Data<Gate>,
        settings: web::Data<WebSocketSettings>,
    ) -> Self {
        Self {
            inbox: Inbox::new(messages),
            outbox: Outbox::new(session, settings.write_timeout),
            goodbye: None,
            seat,
            caller,
            services,
            gate,
            settings,
        }
    }

    /// Serves the socket to its end. `user` is the row as it was read for the handshake.
    pub(super) async fn run(mut self, user: Arc<KnownUser>) {
        let open = self.services.metrics.sockets.opened();
        let ending = match self.serve(user).await {
            Ok(never) => match never {},
            Err(ending) => ending,
        };
        self.services.metrics.sockets.closed(ending);
        drop(open);
        match ending.close_frame() {
            Some(frame) => self.outbox.close(Some(frame)).await,
            // RFC 6455 §5.5.1: a goodbye is answered with the same code.
            None if ending == Ending::ByClient => self.outbox.close(self.goodbye).await,
            None => {}
        }
    }

    async fn serve(&mut self, mut known: Arc<KnownUser>) -> Result<std::convert::Infallible, Ending> {
        let clock = self.services.clock.clone();
        let mut schedule = Schedule::new(self.caller.expires_at(), self.settings.ping_every, &*clock);
        let mut allowance = Allowance::new(self.settings.max_frames, clock.uptime());
        let mut in_hand = InHand::default();
        self.outbox.say(&ServerMessage::ready(&known.user, schedule.expires_at())).await?;
        loop {
            while let Some(due) = schedule.take(&*clock) {
                match due {
                    Due::Expiry => return Err(Ending::Expired),
                    Due::NoPong => return Err(Ending::Unresponsive),
                    Due::Notice => {
                        let expires_at = schedule.expires_at().as_secs();
                        self.outbox.say(&ServerMessage::Expiring { expires_at }).await?;
                    }
                    Due::Ping => self.outbox.ping().await?,
                    Due::Reread => in_hand.stale = true,
                }
            }
            if in_hand.stale && in_hand.reading.is_none() {
                in_hand.stale = false;
                in_hand.reading = Some(Box::pin(self.read_row()));
            }
            let listens = in_hand.renewal.is_none();
            tokio::select! {
                biased;
                wake = self.seat.woken() => match wake {
                    Wake::GoAway => return Err(Ending::GoingAway),
                    Wake::Changed => in_hand.stale = true,
                },
                read = outcome(&mut in_hand.reading) => match read {
                    Ok(read) => {
                        // What a client is not told of, such as the picture, is no news.
                        let (row, before) = (&read.user, &known.user);
                        let is_news = (row.id, &row.email, &row.name) != (before.id, &before.email, &before.name);
                        known = read;
                        if is_news {
                            self.outbox.say(&ServerMessage::updated(&known.user)).await?;
                        }
                    }
                    Err(ConfirmError::Unavailable(_) | ConfirmError::Failed(_)) => schedule.reread_later(&*clock),
                    Err(ConfirmError::UnknownUser | ConfirmError::Blocked) => return Err(Ending::NoUser),
                },
                judged = outcome(&mut in_hand.renewal) => self.renew(judged, &mut schedule).await?,
                incoming = self.inbox.next(), if listens => {
                    let incoming = incoming?;
                    if !allowance.take(clock.uptime()) {
                        return Err(Ending::Flood);
                    }
                    in_hand.renewal = self.follow(incoming, &mut schedule).await?;
                }
                () = sleep(schedule.wait(&*clock)) => {}
            }
        }
    }

    /// Does what a frame asks for, or begins to.
    async fn follow(
        &mut self,
        incoming: Incoming,
        schedule: &mut Schedule,
    ) -> Result<Pending<Result<VerifiedToken, ApiError>>, Ending> {
        match incoming {
            Incoming::Text(text) => match ClientMessage::parse(&text) {
                Some(ClientMessage::Auth(token)) => {
                    let gate = self.gate.clone();
                    return Ok(Some(Box::pin(async move {
                        gate.judge(Ok(Presented::Bearer(token))).await.map_err(ApiError::from)
                    })));
                }
                None => self.refuse(Refusal::BadMessage).await?,
            },
            Incoming::Binary => self.refuse(Refusal::BadMessage).await?,
            Incoming::Ping(bytes) => self.outbox.pong(&bytes).await?,
            Incoming::Pong => schedule.answered(),
            Incoming::Piece => {}
            Incoming::Close(reason) => {
                self.goodbye = reason;
                return Err(Ending::ByClient);
            }
        }
        Ok(None)
    }

    /// Goes on with a newer token of the same user, or leaves everything as it was.
    async fn renew(&mut self, judged: Result<VerifiedToken, ApiError>, schedule: &mut Schedule) -> Result<(), Ending> {
        match judged {
            Ok(token) if token.subject() == self.caller.subject() => {
                schedule.renew(token.expires_at());
                self.caller = token;
                self.services.metrics.sockets.renewed();
                self.outbox.say(&ServerMessage::Renewed { expires_at: schedule.expires_at().as_secs() }).await
            }
            Ok(_) => self.refuse(Refusal::Forbidden).await,
            Err(error) if error.rejection().is_some() => self.refuse(Refusal::Unauthorized).await,
            Err(_) => self.refuse(Refusal::Unavailable).await,
        }
    }

    /// Reads the row by the rule that every request goes by.
    fn read_row(&self) -> impl Future<Output = Result<Arc<KnownUser>, ConfirmError>> + 'static {
        let (sockets, caller, users) =
            (self.seat.sockets(), self.caller.clone(), Arc::clone(&self.services.known_users));
        async move {
            let _turn = sockets.turn().await;
            confirm_user_later(&caller, &*users).await
        }
    }

    async fn refuse(&mut self, refusal: Refusal) -> Result<(), Ending> {
        self.services.metrics.sockets.refused(refusal);
        self.outbox.say(&refusal.message()).await
    }
}

/// Waits for the work in hand, for ever where there is none. Broken off, it goes on the next time.
async fn outcome<T>(work: &mut Pending<T>) -> T {
    let Some(running) = work else { return pending().await };
    let outcome = running.as_mut().await;
    *work = None;
    outcome
}
