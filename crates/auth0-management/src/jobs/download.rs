//! The file of an export, which lies elsewhere.

use std::io::Read;
use std::time::Duration;

use auth0_http::agent_for;
use ureq::http::Uri;

use super::JobError;
use crate::ManagementError;

/// What became of a download.
pub(super) enum Download {
    Begun(Box<dyn Read + Send>),
    /// The address is good for a minute; Auth0 gives another.
    Expired(u16),
    Outage(ManagementError),
}

/// Asks for the file at an address that Auth0 gave. The address is the proof of who may have it: no token goes along.
///
/// `stall` is for how long the next bytes may take, whatever the whole takes.
pub(super) fn download(location: &str, issuer: &str, stall: Duration) -> Result<Download, JobError> {
    if !is_trusted(location, issuer) {
        return Err(JobError::NoFile("its address is not https"));
    }
    let answer = agent_for(location)
        .get(location)
        .config()
        .timeout_global(None)
        .timeout_per_read(Some(stall))
        .timeout_per_write(Some(stall))
        .timeout_recv_response(Some(stall))
        .build()
        .call();
    let answer = match answer.map_err(ManagementError::from) {
        Ok(answer) => answer,
        Err(error) if error.is_outage() => return Ok(Download::Outage(error)),
        Err(error) => return Err(JobError::Auth0(error)),
    };
    match answer.status().as_u16() {
        200 => Ok(Download::Begun(Box::new(answer.into_body().into_with_config().limit(u64::MAX).reader()))),
        // S3 answers 403 when a signed address has expired, and 400 when its credentials have.
        status @ (400 | 401 | 403 | 404 | 410) => Ok(Download::Expired(status)),
        status => match ManagementError::Status(status) {
            error if error.is_outage() => Ok(Download::Outage(error)),
            _ => Err(JobError::Refused { status, message: "from where the export lies".to_owned() }),
        },
    }
}

/// Whether an address is https. Plain http is trusted where Auth0 itself is on this machine, and there alone.
fn is_trusted(location: &str, issuer: &str) -> bool {
    let parse = |text: &str| text.parse::<Uri>().ok();
    let (Some(location), Some(issuer)) = (parse(location), parse(issuer)) else { return false };
    let is_plain = |uri: &Uri| uri.scheme_str() == Some("http");
    let has_host = location.host().is_some_and(|host| !host.is_empty());
    // The client refuses plain http to any host that is not this machine.
    has_host && (location.scheme_str() == Some("https") || (is_plain(&location) && is_plain(&issuer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_trusted_only_beside_a_tenant_on_this_machine() {
        let (tenant, local) = ("https://acme.eu.auth0.com/", "http://127.0.0.1:4400/");
        for (location, issuer) in [
            ("https://files.example.test/x.json.gz?X-Amz-Signature=1", tenant),
            ("https://files.example.test/x", local),
            ("http://127.0.0.1:4400/x", local),
        ] {
            assert!(is_trusted(location, issuer), "{location}");
        }
        for (location, issuer) in [
            ("http://files.example.test/x", tenant),
            ("http://127.0.0.1:4400/x", tenant),
            ("file:///etc/passwd", tenant),
            ("//files.example.test/x", tenant),
            ("/x", tenant),
            ("", tenant),
        ] {
            assert!(!is_trusted(location, issuer), "{location}");
        }
    }

    #[test]
    fn plain_http_to_another_machine_is_refused_even_beside_a_local_tenant() {
        let outcome = download("http://files.example.test/x", "http://127.0.0.1:4400/", Duration::from_secs(1));
        assert!(outcome.is_err() || matches!(outcome, Ok(Download::Outage(_))));
    }
}
