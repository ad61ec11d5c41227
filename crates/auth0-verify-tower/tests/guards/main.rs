//! The guards from outside: asked over real sockets.
