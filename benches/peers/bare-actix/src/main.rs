//! The ceiling: two handlers of actix-web that answer as authsync does, without a token and without a database.
//!
//! `BIND` is the address. Workers, keep-alive and all else are actix-web's defaults: a worker for each core.

use actix_web::{App, HttpResponse, HttpServer, get, post, web};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Profile {
    email: String,
    #[expect(dead_code, reason = "a plain application reads it")]
    auth0_id: String,
    name: Option<String>,
}

#[derive(Serialize)]
struct User {
    id: i32,
    email: String,
    name: Option<String>,
}

#[derive(Serialize)]
struct Verified {
    valid: bool,
    user: User,
}

#[get("/auth/verify")]
async fn verify() -> HttpResponse {
    let user =
        User { id: 1234, email: "bench-1234@example.com".to_owned(), name: Some("Somebody Ordinary".to_owned()) };
    HttpResponse::Ok().json(Verified { valid: true, user })
}

#[post("/auth/sync")]
async fn sync(profile: web::Json<Profile>) -> HttpResponse {
    let Profile { email, name, .. } = profile.into_inner();
    HttpResponse::Ok().json(User { id: 1234, email, name })
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::var("BIND").map_err(std::io::Error::other)?;
    HttpServer::new(|| App::new().service(verify).service(sync)).bind(address)?.run().await
}
