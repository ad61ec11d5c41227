//! `GET /openapi.json`, `GET /asyncapi.json` and `GET /docs`: the API, described for programs and for people.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};

const DOCUMENT: &str = include_str!("../../openapi.json");
/// The messages of the socket.
const SOCKET_DOCUMENT: &str = include_str!("../../asyncapi.json");
const PAGE: &str = include_str!("docs.html");

/// The page runs its own script and style and nothing else, reads `/openapi.json` and reaches nobody else. The hashes are
/// those of the two elements in `docs.html`; a test compares them and names the new ones.
const PAGE_POLICY: &str = "default-src 'none'; \
    script-src 'sha256-vhDhtkZyPrJMsdi8Cu3sm51KnCmG8yL0FJlGVDpns6o='; \
    style-src 'sha256-YARTs3W91kn9qi6vSQlS9Hq2WxsGNWHWhPTKvnm8HEk='; \
    connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The OpenAPI document.
pub(crate) async fn document() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type("application/json").body(DOCUMENT)
}

/// The AsyncAPI document.
pub(crate) async fn socket_document() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type("application/json").body(SOCKET_DOCUMENT)
}

/// A page that draws the document; it needs nothing from anywhere else.
pub(crate) async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .content_type("text/html; charset=utf-8")
        .body(PAGE)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::Value;

    use super::*;

    fn api() -> Value {
        serde_json::from_str(DOCUMENT).expect("JSON")
    }

    /// What a `$ref` points at, or the value itself.
    fn resolved<'a>(api: &'a Value, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let target = reference.strip_prefix('#').and_then(|pointer| api.pointer(pointer));
                resolved(api, target.unwrap_or_else(|| panic!("{reference} points nowhere")))
            }
            None => value,
        }
    }

    /// Every answer of every route: the route, the status and the answer.
    fn answers(api: &Value) -> Vec<(String, &str, &Value)> {
        let mut answers = Vec::new();
        for (path, methods) in api["paths"].as_object().expect("paths") {
            for (method, operation) in methods.as_object().expect("methods") {
                for (status, answer) in operation["responses"].as_object().expect("responses") {
                    answers.push((format!("{method} {path}"), status.as_str(), resolved(api, answer)));
                }
            }
        }
        answers
    }

    #[test]
    fn the_policy_allows_the_script_and_the_style_of_the_page_as_they_are() {
        for element in ["script", "style"] {
            let (_, rest) = PAGE.split_once(&format!("<{element}>")).expect("an element");
            let (text, _) = rest.split_once(&format!("</{element}>")).expect("its end");
            let hash = STANDARD.encode(digest(&SHA256, text.as_bytes()));
            assert!(PAGE_POLICY.contains(&format!("{element}-src 'sha256-{hash}'")), "{element}-src is now {hash}");
        }
    }

    #[test]
    fn the_page_has_one_script_and_one_style_and_names_no_other_place() {
        assert_eq!(PAGE.matches("<script").count(), 1);
        assert_eq!(PAGE.matches("<style").count(), 1);
        for outside in ["http://", "https://", "src=", "@import", " style=\"", "innerHTML"] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
    }

    /// Relative to where the document was found (OpenAPI 3.1.1, "Server Object"): behind a path as well as without one.
    #[test]
    fn the_server_is_where_the_document_is() {
        assert_eq!(api()["servers"][0]["url"], ".");
    }

    #[test]
    fn the_document_describes_this_version() {
        let api = api();
        assert_eq!(api["info"]["version"], env!("CARGO_PKG_VERSION"));
        assert!(api["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
    }

    #[test]
    fn every_refusal_is_described_with_the_two_members_that_it_has() {
        let api = api();
        let codes = api.pointer("/components/schemas/Error/properties/error/enum").expect("codes");
        for (route, status, answer) in answers(&api) {
            let examples = answer.pointer("/content/application~1json/examples").and_then(Value::as_object);
            if ["101", "200", "204"].contains(&status) || route == "get /readyz" && status == "503" {
                continue;
            }
            for (name, example) in examples.unwrap_or_else(|| panic!("{route} {status} has no example")) {
                let value = example["value"].as_object().expect("an object");
                assert_eq!(value.keys().collect::<Vec<_>>(), ["error", "message"], "{route} {status} {name}");
                assert!(
                    codes.as_array().is_some_and(|codes| codes.contains(&value["error"])),
                    "{route} {status} {name}"
                );
            }
        }
    }

    #[test]
    fn every_answer_is_described_with_the_headers_that_belong_to_its_status() {
        let api = api();
        for (route, status, answer) in answers(&api) {
            let described = |name: &str| answer["headers"].get(name).is_some();
            assert!(described("x-request-id"), "{route} {status}");
            assert_eq!(described("WWW-Authenticate"), status == "401", "{route} {status}");
            assert_eq!(described("Allow"), status == "405", "{route} {status}");
            assert_eq!(described("Retry-After"), status == "503" && route != "get /readyz", "{route} {status}");
        }
    }

    #[test]
    fn every_message_of_the_socket_is_described_and_its_example_is_one() {
        let document: Value = serde_json::from_str(SOCKET_DOCUMENT).expect("JSON");
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        let messages = document.pointer("/components/messages").and_then(Value::as_object).expect("messages");
        let mut names: Vec<_> = messages.values().map(|message| message["name"].as_str().expect("a name")).collect();
        names.sort_unstable();
        assert_eq!(names, ["auth", "error", "expiring", "ready", "renewed", "user.updated"]);
        for message in messages.values() {
            let example = message["examples"][0]["payload"].as_object().expect("an example");
            let required = message["payload"]["required"].as_array().expect("members");
            assert!(required.iter().all(|member| example.contains_key(member.as_str().expect("a name"))), "{message}");
            assert_eq!(example["type"], message["name"]);
        }
    }

    #[test]
    fn every_reference_points_somewhere() {
        fn walk(api: &Value, value: &Value) {
            match value {
                Value::Object(members) => {
                    resolved(api, value);
                    members.values().for_each(|member| walk(api, member));
                }
                Value::Array(items) => items.iter().for_each(|item| walk(api, item)),
                _ => {}
            }
        }
        walk(&api(), &api());
        let document: Value = serde_json::from_str(SOCKET_DOCUMENT).expect("JSON");
        walk(&document, &document);
    }
}
