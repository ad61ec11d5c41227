//! The form that orders a bulk import.

use std::future::poll_fn;
use std::pin::Pin;

use actix_multipart::Multipart;
use futures_core::Stream;

use crate::DATABASE_CONNECTION_ID;
use crate::jobs::{FILE_LIMIT, Import};

/// The longest value of a field that is no file.
const FIELD_LIMIT: usize = 1024;

/// Why a form orders nothing.
pub(super) enum FormProblem {
    Invalid(String),
    /// A field is longer than so many bytes.
    TooLarge(usize),
}

/// The fields so far.
#[derive(Default)]
struct Form {
    file: Option<Vec<u8>>,
    connection_id: Option<String>,
    upsert: Option<bool>,
    external_id: Option<String>,
    send_completion_email: Option<bool>,
}

/// Reads the form to its end, whatever is wrong with it.
pub(super) async fn read(mut parts: Multipart) -> Result<Import, FormProblem> {
    let mut form = Ok(Form::default());
    while let Some(field) = poll_fn(|cx| Pin::new(&mut parts).poll_next(cx)).await {
        let mut field = field.map_err(invalid)?;
        let name = field.name().unwrap_or_default().to_owned();
        let limit = if name == "users" { FILE_LIMIT } else { FIELD_LIMIT };
        let bytes = match field.bytes(limit).await {
            Ok(bytes) => bytes.map_err(invalid),
            Err(_) => Err(FormProblem::TooLarge(limit)),
        };
        form = form.and_then(|form| form.with(&name, &bytes?));
    }
    form?.into_import()
}

impl Form {
    fn with(mut self, name: &str, bytes: &[u8]) -> Result<Self, FormProblem> {
        if name == "users" {
            self.file = Some(bytes.to_vec());
            return Ok(self);
        }
        let text = str::from_utf8(bytes).map_err(|_| invalid(format!("{name} is no text")))?.to_owned();
        match name {
            "connection_id" => self.connection_id = Some(text),
            "upsert" => self.upsert = Some(flag(name, &text)?),
            "send_completion_email" => self.send_completion_email = Some(flag(name, &text)?),
            "external_id" => self.external_id = Some(text),
            _ => return Err(invalid(format!("Additional properties not allowed: {name}"))),
        }
        Ok(self)
    }

    fn into_import(self) -> Result<Import, FormProblem> {
        let connection_id = self.connection_id.ok_or_else(|| invalid("Missing required property: connection_id"))?;
        if connection_id != DATABASE_CONNECTION_ID {
            return Err(invalid("The connection does not exist."));
        }
        Ok(Import {
            file: self.file.ok_or_else(|| invalid("Missing required property: users"))?,
            connection_id,
            upsert: self.upsert.unwrap_or(false),
            external_id: self.external_id,
            send_completion_email: self.send_completion_email.unwrap_or(true),
        })
    }
}

fn flag(name: &str, text: &str) -> Result<bool, FormProblem> {
    text.parse().map_err(|_| invalid(format!("Expected type boolean on property {name}")))
}

fn invalid(problem: impl ToString) -> FormProblem {
    FormProblem::Invalid(problem.to_string())
}
