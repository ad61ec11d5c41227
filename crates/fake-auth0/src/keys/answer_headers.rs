//! Headers of the key set's answers, where they are not to be Auth0's.

use std::collections::HashMap;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// By name, the values that take the place of the usual ones. No value: no such header.
#[derive(Debug, Default)]
pub(crate) struct AnswerHeaders(HashMap<HeaderName, Vec<HeaderValue>>);

impl AnswerHeaders {
    /// The error is for whoever gave the order.
    pub(crate) fn set<T: AsRef<str>>(&mut self, name: &str, values: &[T]) -> Result<(), String> {
        let name: HeaderName = name.parse().map_err(|_| format!("no header is called {name:?}"))?;
        let values: Result<Vec<HeaderValue>, _> =
            values.iter().map(|value| HeaderValue::from_bytes(value.as_ref().as_bytes())).collect();
        self.0.insert(name, values.map_err(|_| "a value holds a control character".to_owned())?);
        Ok(())
    }

    pub(crate) fn reset(&mut self) {
        self.0.clear();
    }

    /// The values of this header, if they are not the usual ones.
    pub(crate) fn of(&self, name: &HeaderName) -> Option<&[HeaderValue]> {
        self.0.get(name).map(Vec::as_slice)
    }

    pub(crate) fn write_to(&self, headers: &mut HeaderMap) {
        for (name, values) in &self.0 {
            headers.remove(name);
            values.iter().for_each(|value| headers.append(name.clone(), value.clone()));
        }
    }
}
