//! What a message says of a request.

/// The parts of a message about a request, as `http::observe` words it:
/// `GET /auth/verify 401 120us id=4f1 reason=expired`, or anything that ends in ` id=4f1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Access<'a> {
    /// Of the line that every request leaves.
    pub(super) request: Option<Request<'a>>,
    /// Why its token was refused.
    pub(super) reason: Option<&'a str>,
    /// The id that its client was given.
    pub(super) id: Option<&'a str>,
}

/// An answered request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) route: &'a str,
    pub(super) status: u16,
    pub(super) micros: u64,
}

impl<'a> Access<'a> {
    /// Nothing where the record is not about a request.
    pub(super) fn of(target: &str, message: &'a str) -> Self {
        if !matches!(target, "access" | "http") {
            return Self::default();
        }
        let Some((text, tail)) = message.rsplit_once(" id=") else { return Self::default() };
        let (id, reason) = match tail.split_once(" reason=") {
            Some((id, reason)) => (id, Some(reason)),
            None => (tail, None),
        };
        if id.is_empty() || id.contains(' ') {
            return Self::default();
        }
        let request = if target == "access" { Request::parse(text) } else { None };
        Self { request, reason, id: Some(id) }
    }
}

impl<'a> Request<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut words = text.split(' ');
        let (method, route) = (words.next()?, words.next()?);
        let status = words.next()?.parse().ok()?;
        let micros = words.next()?.strip_suffix("us")?.parse().ok()?;
        words.next().is_none().then_some(Self { method, route, status, micros })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_request_is_taken_apart() {
        let request = Request { method: "POST", route: "/auth/sync", status: 200, micros: 941 };
        assert_eq!(
            Access::of("access", "POST /auth/sync 200 941us id=4f1"),
            Access { request: Some(request), reason: None, id: Some("4f1") }
        );
        let refused = Access::of("access", "GET unmatched 401 9us id=4f1 reason=expired");
        assert_eq!((refused.request.map(|r| r.status), refused.reason), (Some(401), Some("expired")));
    }

    #[test]
    fn other_lines_about_a_request_have_its_id() {
        for (target, message) in
            [("http", "unavailable: no id=1 to be had id=4f1"), ("access", "caller=auth0|ada id=4f1")]
        {
            assert_eq!(Access::of(target, message), Access { id: Some("4f1"), ..Access::default() }, "{message}");
        }
    }

    #[test]
    fn what_is_not_about_a_request_has_no_parts() {
        for (target, message) in [
            ("events", "evt_1 applied id=4f1"),
            ("http", "listening on http://127.0.0.1:8080"),
            ("http", "ends with id="),
            ("http", "the row id=4 breaks a rule"),
        ] {
            assert_eq!(Access::of(target, message), Access::default(), "{message}");
        }
    }
}
