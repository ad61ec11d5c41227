//! The thread that serves a tenant, and the listener that can be closed and opened again.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use actix_web::{App, HttpServer, rt};
use rustls::ServerConfig;

use crate::http;
use crate::login::cross_origin;
use crate::tenant::Tenant;

/// A running server. It ends when this is dropped, whatever its clients do.
#[derive(Debug)]
pub(crate) struct Server {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves on a listener of its own, in a thread of its own, so that the caller may or may not be in an
    /// asynchronous runtime. The address answers when this returns.
    pub(crate) fn start(listener: TcpListener, tls: Option<ServerConfig>, tenant: &Arc<Tenant>) -> io::Result<Self> {
        let tenant = Data::from(Arc::clone(tenant));
        let (started, outcome) = mpsc::channel();
        let thread = std::thread::Builder::new().name("fake-auth0".to_owned()).spawn(move || {
            rt::System::new().block_on(async move {
                match server(listener, tls, tenant) {
                    Ok(server) => {
                        // The receiver waits for this line; it cannot be gone.
                        let _ = started.send(Ok(server.handle()));
                        // An error after the start leaves a tenant that refuses connections; tests then see that.
                        let _ = server.await;
                    }
                    Err(error) => {
                        let _ = started.send(Err(error));
                    }
                }
            });
        })?;
        let handle = outcome.recv().map_err(|_| io::Error::other("the server's thread ended early"))??;
        Ok(Self { handle, thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The command is on its way at once; the future would only tell when it is done, and the thread's end does.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn server(
    listener: TcpListener,
    tls: Option<ServerConfig>,
    tenant: Data<Tenant>,
) -> io::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        let cors = cross_origin(Data::clone(&tenant).into_inner());
        let app = App::new().app_data(Data::clone(&tenant)).wrap(cors).configure(http::routes);
        if tenant.development { app.configure(http::dev_routes) } else { app }
    })
    .workers(1)
    .disable_signals()
    // A request ends with its connection, so that a stalled one does not outlive its client.
    .h1_allow_half_closed(false)
    .keep_alive(Duration::from_secs(75))
    // On a busy machine a head may come late, and no test is about that.
    .client_request_timeout(Duration::from_secs(75));
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// A port that stays the tenant's while nobody listens on it.
#[derive(Debug)]
pub(crate) struct ReservedPort {
    _socket: rt::net::TcpSocket,
}

impl ReservedPort {
    /// Binds without listening: connections are refused, and nobody else is given the port.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = match address {
            SocketAddr::V4(_) => rt::net::TcpSocket::new_v4()?,
            SocketAddr::V6(_) => rt::net::TcpSocket::new_v6()?,
        };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(Self { _socket: socket })
    }
}
