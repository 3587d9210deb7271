//! Repeats an attempt where that cannot create something twice.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::{DateTime, Utc};
use reqwest::{
    Request, Response, StatusCode,
    header::{DATE, HeaderMap, RETRY_AFTER},
};

use super::{ConnectFailure, HttpRetry};

/// Makes the request, and again as long as `policy` allows and the failure is one after which it may be.
///
/// Everything happens in the caller's future: dropped, it makes no further attempt.
///
/// # Errors
/// That of the last attempt.
pub async fn with_retries(
    policy: HttpRetry,
    mut request: Request,
    mut attempt: impl AsyncFnMut(Request) -> reqwest::Result<Response>,
) -> reqwest::Result<Response> {
    let only_reads = request.method().is_safe();
    let mut delays = delays(policy);
    loop {
        let again = request.try_clone();
        let result = attempt(request).await;
        // A body that streams exists only once.
        let Some(again) = again else { return result };
        let wait = match worth_repeating(&result, only_reads, policy.longest_wait) {
            Some(at_least) => delays.next().map(|delay| delay.max(at_least)),
            None => None,
        };
        let Some(wait) = wait else { return result };
        tracing::debug!(milliseconds = wait.as_millis(), "the API is asked again after a pause");
        tokio::time::sleep(wait).await;
        request = again;
    }
}

/// How long the API asks to wait, in whole seconds: their number, or a date, which is read by the API's own clock where
/// the answer names its time.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    wait_from(headers, Utc::now())
}

fn wait_from(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.trim());
    let date = |text| DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc());
    let asked = text(RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let now = text(DATE).and_then(date).unwrap_or(now);
    let wait = date(asked)?.signed_duration_since(now);
    // A date that has passed means now, and a part of a second is a whole one.
    let seconds = wait.to_std().unwrap_or_default().as_millis().div_ceil(1000);
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// The pauses before each further attempt: each about twice as long as the one before, with a random addition.
pub fn delays(policy: HttpRetry) -> impl Iterator<Item = Duration> {
    ExponentialBuilder::new()
        .with_min_delay(policy.base_delay)
        .with_max_times(usize::try_from(policy.max_retries).unwrap_or(usize::MAX))
        .without_max_delay()
        .with_jitter()
        .build()
}

/// The shortest pause before the next attempt, or `None` when there must be none.
fn worth_repeating(
    result: &reqwest::Result<Response>,
    only_reads: bool,
    longest: Duration,
) -> Option<Duration> {
    match result {
        // Nothing was sent: this is safe for every operation, where it can help.
        Err(error) if error.is_connect() => {
            (!ConnectFailure::of(error).is_lasting()).then_some(Duration::ZERO)
        }
        _ if !only_reads => None,
        Err(error) => (!error.is_builder()).then_some(Duration::ZERO),
        Ok(response) => {
            let status = response.status();
            let passing = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            let asked = retry_after(response.headers()).unwrap_or(Duration::ZERO);
            (passing && asked <= longest).then_some(asked)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::VecDeque};

    use tokio::time::Instant;

    use super::*;

    fn policy(max_retries: u32) -> HttpRetry {
        HttpRetry::new(max_retries, Duration::from_millis(500)).unwrap()
    }

    fn read() -> Request {
        Request::new(reqwest::Method::GET, "http://127.0.0.1/".parse().unwrap())
    }

    fn create() -> Request {
        Request::new(reqwest::Method::POST, "http://127.0.0.1/".parse().unwrap())
    }

    fn answer(status: u16, retry_after: Option<&'static str>) -> reqwest::Result<Response> {
        let mut response = http::Response::new("");
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        if let Some(wait) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, wait.parse().unwrap());
        }
        Ok(response.into())
    }

    /// An attempt whose connection is refused. No error of this kind can be made by hand.
    async fn refused() -> reqwest::Result<Response> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let client = crate::http::client_builder().no_proxy().build().unwrap();
        let result = client.get(format!("http://{free}/")).send().await;
        assert!(result.as_ref().is_err_and(reqwest::Error::is_connect));
        result
    }

    /// A body that breaks off after it has begun.
    async fn broken() -> reqwest::Result<Response> {
        let pieces = futures::stream::iter([Ok("half"), Err(std::io::Error::other("reset"))]);
        let mut response = Response::from(http::Response::new(reqwest::Body::wrap_stream(pieces)));
        loop {
            match response.chunk().await {
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Serves the answers in their order; returns the last status and the moments of the attempts.
    async fn run(
        policy: HttpRetry,
        request: Request,
        answers: impl IntoIterator<Item = reqwest::Result<Response>>,
    ) -> (Option<u16>, Vec<Duration>) {
        let (start, moments) = (Instant::now(), RefCell::new(Vec::new()));
        let mut answers: VecDeque<_> = answers.into_iter().collect();
        let result = with_retries(policy, request, async |_| {
            moments.borrow_mut().push(start.elapsed());
            answers.pop_front().expect("an attempt too many")
        })
        .await;
        (result.ok().map(|response| response.status().as_u16()), moments.into_inner())
    }

    fn is_jittered(pause: Duration, base: u64) -> bool {
        // The timer counts whole milliseconds.
        (Duration::from_millis(base)..=Duration::from_millis(base * 2 + 1)).contains(&pause)
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_is_repeated_after_pauses_that_double_with_jitter() {
        let (status, at) =
            run(policy(3), read(), [500, 502, 503, 200].map(|status| answer(status, None))).await;
        assert_eq!((status, at.len()), (Some(200), 4));
        for (index, base) in [500, 1000, 2000].into_iter().enumerate() {
            let pause = at[index + 1] - at[index];
            assert!(is_jittered(pause, base), "{pause:?} after {base}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_failure_is_the_answer_when_no_retry_is_left() {
        let (status, at) = run(policy(2), read(), [500, 500, 503].map(|status| answer(status, None))).await;
        assert_eq!((status, at.len()), (Some(503), 3));
        let (status, at) = run(HttpRetry::NEVER, read(), [answer(500, None)]).await;
        assert_eq!((status, at.len()), (Some(500), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_final() {
        for status in [200, 302, 400, 403, 404, 409] {
            assert_eq!(
                run(policy(5), read(), [answer(status, None)]).await,
                (Some(status), vec![Duration::ZERO])
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_the_api_names_is_sat_out() {
        let (status, at) = run(policy(2), read(), [answer(429, Some("7")), answer(200, None)]).await;
        assert_eq!(status, Some(200));
        assert!(at[1] >= Duration::from_secs(7) && at[1] < Duration::from_secs(8), "{at:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_too_long_is_handed_back_at_once() {
        for (status, wait) in [(429, "11"), (429, "86400"), (503, "60")] {
            let (last, at) = run(policy(5), read(), [answer(status, Some(wait))]).await;
            assert_eq!((last, at), (Some(status), vec![Duration::ZERO]));
        }
        let patient = policy(1).longest_wait(Duration::from_secs(60));
        assert_eq!(run(patient, read(), [answer(429, Some("60")), answer(200, None)]).await.0, Some(200));
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_cannot_be_read_counts_as_none() {
        for wait in ["", "soon", "-1", "1.5", "99999999999999999999"] {
            let (_, at) = run(policy(1), read(), [answer(429, Some(wait)), answer(200, None)]).await;
            assert!(is_jittered(at[1], 500), "{wait:?} {at:?}");
        }
    }

    #[test]
    fn a_wait_may_be_named_as_a_date() {
        let now = DateTime::from_timestamp(784_111_777, 500_000_000).unwrap();
        let wait = |asked: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, asked.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            wait_from(&headers, now).map(|wait| wait.as_secs())
        };
        let asked = "Sun, 06 Nov 1994 08:49:47 GMT";
        // Our own clock, which may be wrong, counts only when the answer does not say what time it is.
        assert_eq!(wait(asked, None), Some(10));
        assert_eq!(wait(asked, Some("Sun, 06 Nov 1994 08:49:17 GMT")), Some(30));
        assert_eq!(wait(asked, Some("today")), Some(10));
        assert_eq!(wait("Sun, 06 Nov 1994 08:00:00 GMT", None), Some(0));
        assert_eq!(wait(" 7 ", Some("Sun, 06 Nov 1994 08:49:17 GMT")), Some(7));
        for unreadable in ["", "soon", "-1", "1.5", "Sun, 06 Nov 1994", "2025-01-01T00:00:00Z"] {
            assert_eq!(wait(unreadable, None), None, "{unreadable}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_is_never_repeated_once_something_was_sent() {
        for status in [429, 500, 502, 503, 504] {
            let (last, at) = run(policy(5), create(), [answer(status, Some("0"))]).await;
            assert_eq!((last, at.len()), (Some(status), 1));
        }
        let lost = broken().await;
        assert_eq!(run(policy(5), create(), [lost]).await.1.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_is_repeated_when_the_body_breaks_off() {
        let lost = broken().await;
        assert_eq!(run(policy(1), read(), [lost, answer(200, None)]).await.0, Some(200));
    }

    #[tokio::test]
    async fn a_create_is_repeated_when_nothing_was_sent() {
        let at_once = HttpRetry::new(2, Duration::ZERO).unwrap();
        let answers = [refused().await, refused().await, answer(200, None)];
        assert_eq!(run(at_once, create(), answers).await.0, Some(200));
        // And no further once it was.
        let answers = [refused().await, answer(500, None)];
        assert_eq!(run(at_once, create(), answers).await.0, Some(500));
    }

    #[tokio::test(start_paused = true)]
    async fn dropping_the_future_ends_the_attempts() {
        let attempts = RefCell::new(0);
        let endless = with_retries(policy(5), read(), async |_| {
            *attempts.borrow_mut() += 1;
            answer(503, None)
        });
        assert!(tokio::time::timeout(Duration::from_millis(100), endless).await.is_err());
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(*attempts.borrow(), 1);
    }
}
