//! Access: programs on this machine, and the sandbox's own pages. Any page that is open in a browser can send requests to
//! loopback, too, and must not create orders, read them or advance the clock.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::Response,
};

use crate::refusal::refusal;

static FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Answers 403 to requests that the sandbox does not serve.
pub(crate) async fn admit(request: Request, next: Next) -> Response {
    match reason(&request) {
        None => next.run(request).await,
        Some(reason) => refusal(StatusCode::FORBIDDEN, reason),
    }
}

fn reason(request: &Request) -> Option<&'static str> {
    let headers = request.headers();
    let Some(host) = text(headers, &header::HOST).filter(|host| is_loopback(host)) else {
        // A page of the web could bend a name of its own to loopback.
        return Some("The sandbox answers on loopback only: call it by 127.0.0.1.");
    };
    let foreign = is_foreign_site(headers) || is_foreign_origin(headers, host);
    (foreign && !opens_a_page(request)).then_some(
        "The sandbox does not serve pages of other sites or ports: call it from a program, such as curl, or from its \
         own checkout page.",
    )
}

/// The value of a header that comes once and is text.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn is_loopback(host: &str) -> bool {
    Authority::try_from(host).is_ok_and(|host| {
        let name = host.host().trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost")
            || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    })
}

/// Browsers state where a request comes from, and pages cannot change it: `none` is the address bar.
fn is_foreign_site(headers: &HeaderMap) -> bool {
    headers.contains_key(&FETCH_SITE) && !matches!(text(headers, &FETCH_SITE), Some("same-origin" | "none"))
}

/// For browsers that do not: the page must be one of this very address.
fn is_foreign_origin(headers: &HeaderMap, host: &str) -> bool {
    let own = |origin: &str| {
        origin.strip_prefix("http://").is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    };
    headers.contains_key(header::ORIGIN) && !text(headers, &header::ORIGIN).is_some_and(own)
}

/// A shop sends its customers to the checkout page, and shows the logos of currencies: that is no more than looking.
fn opens_a_page(request: &Request) -> bool {
    let path = request.uri().path();
    let navigates = text(request.headers(), &FETCH_MODE) == Some("navigate");
    let is_page = path.ends_with('/') && path.matches('/').count() == 2;
    request.method() == Method::GET && (navigates && is_page || path.starts_with("/media/"))
}
