//! The Management API as a client calls it: tokens, forms with files, jobs.

use fake_auth0::{DATABASE_CONNECTION_ID, Endpoint, FakeAuth0};
use serde_json::{Value, json};
use ureq::Body;
use ureq::http::Response;

use crate::client::{agent, json};

pub(crate) const EVERY_SCOPE: &str = "read:users create:users read:events";

/// A tenant and a token for everything that its Management API has.
pub(crate) struct Management {
    pub(crate) tenant: FakeAuth0,
    pub(crate) token: String,
}

impl Management {
    pub(crate) fn of(tenant: FakeAuth0) -> Self {
        tenant.set_management_scope(EVERY_SCOPE);
        let body = json!({
            "grant_type": "client_credentials", "client_id": tenant.client_id(),
            "client_secret": tenant.client_secret(), "audience": tenant.management_audience(),
        });
        let answer = json(&mut agent().post(tenant.url(Endpoint::Token)).send_json(body).unwrap());
        let token = answer["access_token"].as_str().unwrap().to_owned();
        Self { tenant, token }
    }

    pub(crate) fn start() -> Self {
        Self::of(FakeAuth0::start())
    }

    pub(crate) fn get(&self, url: String) -> (u16, Value) {
        let request = agent().get(url).header("authorization", format!("Bearer {}", self.token));
        read(request.call().unwrap())
    }

    pub(crate) fn user(&self, user_id: &str) -> Value {
        self.get(self.tenant.url(Endpoint::Users).replace("{id}", &user_id.replace('|', "%7C"))).1
    }

    /// Sends an import form with these text fields.
    pub(crate) fn import_form(&self, file: &[u8], fields: &[(&str, &str)]) -> (u16, Value) {
        let mut form = Vec::new();
        for (name, value) in fields {
            let head = format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            form.extend_from_slice(head.as_bytes());
        }
        form.extend_from_slice(
            b"--limit\r\nContent-Disposition: form-data; name=\"users\"; filename=\"users.json\"\r\n\
              Content-Type: application/json\r\n\r\n",
        );
        form.extend_from_slice(file);
        form.extend_from_slice(b"\r\n--limit--\r\n");
        let request = agent()
            .post(self.tenant.url(Endpoint::UsersImports))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "multipart/form-data; boundary=limit");
        read(request.send(form).unwrap())
    }

    /// Imports rows; the job's id.
    pub(crate) fn import(&self, rows: &Value, upsert: bool) -> String {
        let upsert = upsert.to_string();
        let fields = [("connection_id", DATABASE_CONNECTION_ID), ("upsert", upsert.as_str())];
        let (status, job) = self.import_form(rows.to_string().as_bytes(), &fields);
        assert_eq!(status, 202, "{job}");
        job["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn job(&self, id: &str) -> (u16, Value) {
        self.get(self.tenant.url(Endpoint::Job).replace("{id}", id))
    }

    pub(crate) fn job_errors(&self, id: &str) -> (u16, Value) {
        self.get(self.tenant.url(Endpoint::JobErrors).replace("{id}", id))
    }

    /// Imports rows to the end: the job and the refused rows.
    pub(crate) fn import_whole(&self, rows: &Value, upsert: bool) -> (Value, Value) {
        let id = self.import(rows, upsert);
        self.tenant.finish_jobs();
        (self.job(&id).1, self.job_errors(&id).1)
    }

    pub(crate) fn export(&self, order: &Value) -> (u16, Value) {
        let request = agent()
            .post(self.tenant.url(Endpoint::UsersExports))
            .header("authorization", format!("Bearer {}", self.token));
        read(request.send_json(order).unwrap())
    }

    /// The address of a finished export.
    pub(crate) fn exported(&self, order: &Value) -> String {
        let (status, job) = self.export(order);
        assert_eq!(status, 200, "{job}");
        self.tenant.finish_jobs();
        let (_, job) = self.job(job["id"].as_str().unwrap());
        job["location"].as_str().unwrap().to_owned()
    }
}

/// Status and JSON; an empty body is `null`.
pub(crate) fn read(mut answer: Response<Body>) -> (u16, Value) {
    let text = answer.body_mut().read_to_string().unwrap();
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
    (answer.status().as_u16(), body)
}
