//! By which names a worker is asked, and by pages of which sites: what a browser can be made to do to the machine that it
//! runs on. A page cannot choose the headers that are looked at here.

use super::ApiConfig;
use super::config::Pages;
use super::problem::Failure;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::net::IpAddr;
use tallow_api::Code;

const ANY: HeaderValue = HeaderValue::from_static("*");
const TIMING_ALLOW_ORIGIN: HeaderName = HeaderName::from_static("timing-allow-origin");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");

/// See the module.
pub(super) struct Doors {
    names: Vec<String>,
    pages: Pages,
}

/// Pages of which other sites may read an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Of none.
    Nobody,
    /// Of all.
    Anybody,
    /// Of this one.
    Origin(HeaderValue),
}

impl Doors {
    pub(super) fn new(config: &ApiConfig) -> Self {
        Self { names: config.names.clone(), pages: config.pages.clone() }
    }

    /// Whether a request is for this worker and from whom it answers; and who may read the answer.
    pub(super) fn admit(&self, request: &Request) -> Result<Readers, Failure> {
        let asked: Vec<Authority> = hosts(request)?;
        if let Some(other) = asked.iter().find(|asked| !self.is_own(asked)) {
            let detail = format!("this worker is not known as {}; its operator names it", other.host());
            return Err(Failure::new(Code::Misdirected, detail));
        }
        let headers = request.headers();
        let Pages::Listed(listed) = &self.pages else { return Ok(Readers::Anybody) };
        let mut readers = Readers::Nobody;
        for origin in headers.get_all(header::ORIGIN) {
            let text = origin.to_str().unwrap_or_default();
            if listed.iter().any(|listed| listed.eq_ignore_ascii_case(text)) {
                readers = Readers::Origin(origin.clone());
            } else if !asked.iter().any(|asked| is_of(text, asked)) {
                return Err(other_site());
            }
        }
        match headers.contains_key(header::ORIGIN) || !is_of_other_site(headers) {
            true => Ok(readers),
            false => Err(other_site()),
        }
    }

    /// Whether this worker goes by a name. An address is no name that anybody can point elsewhere, and `localhost` is
    /// this machine.
    fn is_own(&self, asked: &Authority) -> bool {
        let host = asked.host();
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let named = || self.names.iter().any(|name| name.eq_ignore_ascii_case(host));
        address.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost") || named()
    }
}

impl Readers {
    /// Adds what tells a browser.
    pub(super) fn tell(self, headers: &mut HeaderMap) {
        let origin = match self {
            Self::Anybody => ANY,
            Self::Origin(origin) => origin,
            Self::Nobody => {
                headers.insert(RESOURCE_POLICY, SAME_ORIGIN);
                return;
            }
        };
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(TIMING_ALLOW_ORIGIN, origin);
    }
}

/// Whom a request is for, by its address and by each `Host`; nobody when it does not say, which no browser does.
fn hosts(request: &Request) -> Result<Vec<Authority>, Failure> {
    let malformed = || Failure::new(Code::Malformed, "the header `Host` is not a host");
    let named = request.headers().get_all(header::HOST).iter();
    let named = named.map(|host| Authority::try_from(host.as_bytes()).map_err(|_| malformed()));
    request.uri().authority().cloned().map(Ok).into_iter().chain(named).collect()
}

/// Whether an origin is that of the pages of a host.
fn is_of(origin: &str, host: &Authority) -> bool {
    let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    own.is_some_and(|own| own.eq_ignore_ascii_case(host.as_str()))
}

/// Whether a browser says that a page of another site asks for something. It may lead a person here.
fn is_of_other_site(headers: &HeaderMap) -> bool {
    let is = |name: &str, values: &[&[u8]]| headers.get(name).is_some_and(|value| values.contains(&value.as_bytes()));
    is("sec-fetch-site", &[b"cross-site", b"same-site"]) && !is("sec-fetch-mode", &[b"navigate"])
}

fn other_site() -> Failure {
    let detail = "pages of other sites may not use this worker, but for those that its operator names";
    Failure::new(Code::OriginRefused, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn ask(doors: &Doors, uri: &str, headers: &[(&str, &str)]) -> Result<Readers, Code> {
        let request =
            headers.iter().fold(Request::builder().uri(uri), |request, (name, value)| request.header(*name, *value));
        doors.admit(&request.body(Body::empty()).unwrap()).map_err(|failure| failure.code())
    }

    fn doors(names: &[&str], pages: Pages) -> Doors {
        Doors { names: names.iter().map(|name| (*name).to_owned()).collect(), pages }
    }

    #[test]
    fn a_worker_answers_to_its_own_names_alone() {
        let doors = doors(&["worker.example"], Pages::Any);
        for own in ["127.0.0.1:7300", "[::1]:7300", "localhost:7300", "LOCALHOST", "192.0.2.1", "Worker.Example:443"] {
            assert_eq!(ask(&doors, "/metrics", &[("host", own)]), Ok(Readers::Anybody), "{own}");
        }
        for other in
            ["rebound.example:7300", "localhost.example", "worker.example.org", "127.0.0.1.example", "localhost."]
        {
            assert_eq!(ask(&doors, "/metrics", &[("host", other)]), Err(Code::Misdirected), "{other}");
            assert_eq!(ask(&doors, &format!("http://{other}/"), &[("host", "localhost")]), Err(Code::Misdirected));
        }
        let two = [("host", "localhost"), ("host", "rebound.example")];
        assert_eq!(ask(&doors, "/", &two), Err(Code::Misdirected), "each counts");
        assert_eq!(ask(&doors, "/", &[("host", "a b")]), Err(Code::Malformed));
        assert_eq!(ask(&doors, "/", &[]), Ok(Readers::Anybody), "no browser leaves it out");
    }

    #[test]
    fn pages_of_other_sites_are_refused_but_for_those_that_are_listed() {
        let doors = doors(&[], Pages::Listed(vec!["http://localhost:5173".to_owned()]));
        let from = |origin: &str| ask(&doors, "/v1/status", &[("host", "localhost:7300"), ("origin", origin)]);
        assert_eq!(from("http://localhost:7300"), Ok(Readers::Nobody), "its own");
        let listed = HeaderValue::from_static("http://localhost:5173");
        assert_eq!(from("http://localhost:5173"), Ok(Readers::Origin(listed)));
        let others =
            ["https://evil.example", "null", "http://localhost", "http://localhost:73001", "localhost:7300", ""];
        for other in others {
            assert_eq!(from(other), Err(Code::OriginRefused), "{other}");
        }
    }

    #[test]
    fn a_page_that_hides_its_origin_is_betrayed_by_the_browser() {
        let doors = doors(&[], Pages::Listed(Vec::new()));
        let from = |site: &str, mode: &str| {
            let headers = [("host", "localhost"), ("sec-fetch-site", site), ("sec-fetch-mode", mode)];
            ask(&doors, "/v1/status", &headers)
        };
        assert_eq!(from("cross-site", "no-cors"), Err(Code::OriginRefused), "an image or a script");
        assert_eq!(from("same-site", "no-cors"), Err(Code::OriginRefused), "another port of this machine");
        assert_eq!(from("cross-site", "navigate"), Ok(Readers::Nobody), "a link");
        assert_eq!(from("same-origin", "cors"), Ok(Readers::Nobody));
        assert_eq!(from("none", "navigate"), Ok(Readers::Nobody), "who types the address");
    }

    #[test]
    fn answers_say_who_may_read_them() {
        let told = |readers: Readers| {
            let mut headers = HeaderMap::new();
            readers.tell(&mut headers);
            headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned()
        };
        let one = HeaderValue::from_static("https://one.example");
        assert_eq!(told(Readers::Nobody), None);
        assert_eq!(told(Readers::Anybody), Some(ANY));
        assert_eq!(told(Readers::Origin(one.clone())), Some(one));
    }
}
