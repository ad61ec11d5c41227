//! How an application learns the outcome: in the query of a redirect, or by a message between windows.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde_json::{Map, Value, json};

use super::authorization::{Failure, ResponseMode, WayBack};
use crate::random;

impl WayBack {
    /// Hands over a code (RFC 6749 §4.1.2).
    pub(super) fn with_code(&self, code: &str) -> HttpResponse {
        self.with(&[("code", code)])
    }

    /// Says why there is none (RFC 6749 §4.1.2.1).
    pub(super) fn with_failure(&self, failure: &Failure) -> HttpResponse {
        self.with(&[("error", failure.error), ("error_description", &failure.description)])
    }

    /// The address that a failure is told at, for a link.
    pub(super) fn failure_url(&self, failure: &Failure) -> String {
        self.url(&[("error", failure.error), ("error_description", &failure.description)])
    }

    /// The origin of the application.
    pub(super) fn origin(&self) -> String {
        self.redirect_uri.origin().ascii_serialization()
    }

    fn with(&self, outcome: &[(&str, &str)]) -> HttpResponse {
        match self.mode {
            ResponseMode::Query => HttpResponse::Found()
                .insert_header((header::LOCATION, self.url(outcome)))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .insert_header((header::REFERRER_POLICY, "no-referrer"))
                .finish(),
            ResponseMode::WebMessage => self.message_page(outcome),
        }
    }

    fn url(&self, outcome: &[(&str, &str)]) -> String {
        let mut url = self.redirect_uri.clone();
        let mut query = url.query_pairs_mut();
        query.extend_pairs(outcome);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        drop(query);
        url.into()
    }

    /// OAuth 2.0 Web Message Response Mode, in the form that Auth0's SDK for browsers understands.
    fn message_page(&self, outcome: &[(&str, &str)]) -> HttpResponse {
        let pairs = outcome.iter().map(|&(name, value)| (name, value));
        let pairs = pairs.chain(self.state.iter().map(|state| ("state", state.as_str())));
        let response: Map<String, Value> = pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect();
        let message = for_script(&json!({ "type": "authorization_response", "response": response }));
        let (origin, nonce) = (self.origin(), random::token(16));
        let target = for_script(&json!(origin));
        let page = format!(
            "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Authorization response</title>\n\
             <script nonce=\"{nonce}\">\n\
             const receiver = window.opener ?? window.parent;\n\
             if (receiver !== window) receiver.postMessage({message}, {target});\n\
             </script>\n"
        );
        // Nobody but the application may hold this page in a frame.
        let policy =
            format!("default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors {origin}");
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(page)
    }
}

/// JSON that cannot end the script it stands in.
fn for_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_end_the_script() {
        let text = for_script(&json!("</script><!--&"));
        assert!(!text.contains(['<', '>', '&']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), "</script><!--&");
    }
}
