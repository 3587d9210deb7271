//! Waits on a clock that stands still until everybody sleeps.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures::future::join_all;
use tokio::{sync::mpsc, time::Instant};

use super::*;
use crate::{CurrencyFacts, NotPayable, Payable, Reading, single_payment::OnePayment};

const IDENTIFIER: Uuid = Uuid::from_u128(1);

/// What holds from when on, in milliseconds.
type Course = Vec<(u64, Result<&'static str, Error>)>;

/// An API whose payment changes at given times.
#[derive(Clone)]
struct Fake {
    start: Instant,
    course: Arc<Mutex<Course>>,
    /// When it was read.
    times: Arc<Mutex<Vec<Duration>>>,
    /// How often it was listened to.
    listened: Arc<AtomicUsize>,
    /// How long an answer takes.
    takes: Duration,
    abandoned: Option<mpsc::UnboundedSender<()>>,
}

impl Fake {
    fn new(course: &[(u64, &'static str)]) -> Self {
        Self::failing(&course.iter().map(|(time, status)| (*time, Ok(*status))).collect::<Vec<_>>())
    }

    fn failing(course: &[(u64, Result<&'static str, Error>)]) -> Self {
        let course = Arc::new(Mutex::new(course.to_vec()));
        let (start, takes) = (Instant::now(), Duration::from_millis(100));
        Self { start, course, times: Arc::default(), listened: Arc::default(), takes, abandoned: None }
    }

    fn reads(&self) -> usize {
        self.times.lock().unwrap().len()
    }

    /// The most reads in any minute.
    fn most(&self) -> usize {
        let times = self.times.lock().unwrap();
        let minute = |first: Duration| first..=first + Duration::from_secs(60);
        times
            .iter()
            .map(|first| times.iter().filter(|time| minute(*first).contains(time)).count())
            .max()
            .unwrap_or(0)
    }

    fn change(&self, status: &'static str) {
        *self.course.lock().unwrap() = vec![(0, Ok(status))];
    }
}

impl WaitSource<Payments> for Fake {
    async fn read(&self, identifier: &Uuid) -> Result<Payment, Error> {
        struct Abandoned(Option<mpsc::UnboundedSender<()>>);
        impl Drop for Abandoned {
            fn drop(&mut self) {
                if let Some(tell) = &self.0 {
                    let _ = tell.send(());
                }
            }
        }
        self.times.lock().unwrap().push(self.start.elapsed());
        let mut abandoned = Abandoned(self.abandoned.clone());
        tokio::time::sleep(self.takes).await;
        abandoned.0 = None;
        let now = self.start.elapsed().as_millis();
        let course = self.course.lock().unwrap();
        let (_, state) = course.iter().rfind(|(time, _)| u128::from(*time) <= now).unwrap();
        state.clone().map(|status| payment(*identifier, status))
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.start.elapsed()
    }

    async fn listen(&self, _: &Uuid, _: &ChangeListener<Payments>, _: &ReadBudget) {
        self.listened.fetch_add(1, Ordering::SeqCst);
    }
}

/// An XRP order in this status; `AC+` is a safe AC.
fn payment(identifier: Uuid, status: &str) -> Payment {
    let safe = status.ends_with('+').to_string();
    let json = include_str!("../../../../../tests/samples/orders_info_200_PE.json")
        .replace("\"PE\"", &format!("\"{}\"", status.trim_end_matches('+')))
        .replace("\"safe\": false", &format!("\"safe\": {safe}"));
    let OnePayment(mut payment) = serde_json::from_str(&json).unwrap();
    payment.identifier = identifier;
    payment
}

fn seconds(seconds: u64) -> WaitOptions<'static> {
    WaitOptions::default().timeout(Duration::from_secs(seconds))
}

async fn wait_at(fake: &Fake, until: Until, options: WaitOptions<'_>) -> Result<Waited, Error> {
    wait_with(fake, &PollerRegistry::default(), IDENTIFIER, until, options).await
}

#[tokio::test(start_paused = true)]
async fn each_status_ends_the_waits_that_it_fulfils_or_makes_pointless() {
    use Until::{Completed, Detected, Safe};
    for (status, reached, pointless) in [
        ("NR", &[][..], &[][..]),
        ("PE", &[], &[]),
        ("AC", &[Detected], &[]),
        ("AC+", &[Detected, Safe], &[]),
        ("IA", &[Detected], &[]),
        ("CO", &[Detected, Safe, Completed], &[]),
        ("CM", &[Detected, Safe, Completed], &[]),
        ("OC", &[Detected], &[Safe, Completed]),
        ("EX", &[], &[Detected, Safe, Completed]),
        ("CA", &[], &[Detected, Safe, Completed]),
        ("RF", &[], &[Detected, Safe, Completed]),
        ("FA", &[], &[Detected, Safe, Completed]),
        ("DE", &[], &[Detected, Safe, Completed]),
        ("ZZ", &[], &[Detected, Safe, Completed]),
    ] {
        for until in [Detected, Safe, Completed] {
            let start = Instant::now();
            let waited = wait_at(&Fake::new(&[(0, status)]), until, seconds(5)).await.unwrap();
            let over = reached.contains(&until) || pointless.contains(&until);
            assert_eq!((waited.done, waited.reached), (over, reached.contains(&until)), "{status} {until:?}");
            let took = if over { Duration::from_millis(100) } else { Duration::from_secs(5) };
            assert_eq!(start.elapsed(), took, "{status} {until:?}");
        }
    }
}

/// A time on the clock of [`Fake`].
fn second(seconds: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn funds_are_detected_whatever_the_status_says() {
    let funded = r#""unconfirmed_amount": 2.0"#;
    for (amount, coin, reached) in [
        (funded, CurrencyFacts::default(), true),
        (r#""unconfirmed_amount": 5e-9"#, CurrencyFacts::default(), true),
        (
            r#""unconfirmed_amount": 5e-9"#,
            CurrencyFacts { decimals: Some(6), ..CurrencyFacts::default() },
            false,
        ),
    ] {
        for status in ["NR", "PE", "EX"] {
            let json = include_str!("../../../../../tests/samples/orders_info_200_PE.json")
                .replace("\"PE\"", &format!("\"{status}\""))
                .replace(r#""unconfirmed_amount": 0.0"#, amount);
            let OnePayment(payment) = serde_json::from_str(&json).unwrap();
            assert_eq!(Until::Detected.is_reached(&payment, &coin), reached, "{status} {amount}");
            assert_eq!(Until::Detected.is_reached(&payment, &coin), payment.facts(&coin).funds_seen);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_could_not_be_read_again_is_not_asked_for() {
    let failures = [
        Error::Timeout,
        Error::ServerError { status: 500 },
        Error::RateLimited { retry_after: Some(Duration::from_secs(1)) },
        Error::Unexpected { reason: "a page".to_owned() },
        Error::WrongPayment { asked: IDENTIFIER, received: Uuid::max() },
    ];
    for failure in failures {
        let fake = Fake::failing(&[(0, Ok("PE")), (2000, Err(failure.clone()))]);
        let waited = wait_at(&fake, Until::Safe, seconds(20)).await.unwrap();
        let Reading { read_at, outdated_since } = waited.reading;
        assert!(read_at < second(2) && outdated_since.is_some_and(|since| since >= second(1)), "{waited:?}");
        assert_eq!(waited.failure.as_ref().map(Error::to_string), Some(failure.to_string()));
        let payable = waited.payable(&CurrencyFacts::default(), fake.now());
        assert_eq!(payable, Payable::Nothing(NotPayable::Stale), "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_has_passed_is_forgotten() {
    let fake = Fake::failing(&[(0, Ok("PE")), (2000, Err(Error::Timeout)), (10_000, Ok("PE"))]);
    let waited = wait_at(&fake, Until::Safe, seconds(20)).await.unwrap();
    assert!(waited.failure.is_none() && waited.reading.outdated_since.is_none(), "{waited:?}");
    assert!(waited.reading.read_at > second(10), "{waited:?}");
    // The sample's time is over; the clock stands in 1970.
    assert!(waited.payable(&CurrencyFacts::default(), fake.now()).may_ask());
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_announced_and_not_read_is_known_to_be_missing() {
    let (fake, registry) =
        (Fake { takes: Duration::from_secs(1), ..Fake::new(&[(0, "PE")]) }, PollerRegistry::default());
    let hint = async {
        tokio::time::sleep(Duration::from_millis(4_800)).await;
        registry.hint(&IDENTIFIER);
    };
    let (waited, ()) = tokio::join!(wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(5)), hint);
    let waited = waited.unwrap();
    assert!(!waited.done && waited.reading.is_stale(fake.now()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_change_is_noticed_within_three_seconds_and_ends_the_wait() {
    for time in [500, 7_000, 23_000, 44_000, 59_000] {
        let fake = Fake::new(&[(0, "PE"), (time, "AC"), (time + 100, "AC+")]);
        let waited = wait_at(&fake, Until::Safe, seconds(70)).await.unwrap();
        let late = fake.start.elapsed() - Duration::from_millis(time);
        assert!(waited.reached && late < Duration::from_secs(3), "{late:?} after {time} ms");
        assert!(fake.reads() <= 32, "{} reads", fake.reads());
    }
}

#[tokio::test(start_paused = true)]
async fn every_change_is_told_once_the_last_included() {
    let mut told = Vec::new();
    let options = seconds(60).on_change(|payment| told.push(payment.status.code().to_owned()));
    let fake = Fake::new(&[(0, "PE"), (10_000, "IA"), (20_000, "AC"), (40_000, "CO")]);
    wait_at(&fake, Until::Completed, options).await.unwrap();
    assert_eq!(told, ["PE", "IA", "AC", "CO"]);
}

#[tokio::test(start_paused = true)]
async fn five_hundred_who_wait_for_the_same_payment_cost_as_much_as_one() {
    let course = [(0, "PE"), (30_000, "CO")];
    let alone = Fake::new(&course);
    wait_at(&alone, Until::Safe, seconds(60)).await.unwrap();
    let (crowd, registry) = (Fake::new(&course), PollerRegistry::default());
    let waits = (0..500).map(|_| wait_with(&crowd, &registry, IDENTIFIER, Until::Safe, seconds(60)));
    for waited in join_all(waits).await {
        assert!(waited.unwrap().reached);
    }
    // Chance shortens the pauses.
    assert!(crowd.reads().abs_diff(alone.reads()) <= 4, "{} and {}", crowd.reads(), alone.reads());
}

#[tokio::test(start_paused = true)]
async fn however_many_payments_are_waited_for_the_rate_limit_holds() {
    let (fake, registry) = (Fake::new(&[(0, "PE")]), PollerRegistry::default());
    let waits = (1..=30)
        .map(|payment| wait_with(&fake, &registry, Uuid::from_u128(payment), Until::Safe, seconds(60)));
    for waited in join_all(waits).await {
        assert!(!waited.unwrap().done, "everybody learns how things stand");
    }
    assert!((30..=50).contains(&fake.reads()), "{} reads in a minute", fake.reads());
    let before = fake.reads();
    let waits = (1..=30)
        .map(|payment| wait_with(&fake, &registry, Uuid::from_u128(payment), Until::Safe, seconds(600)));
    join_all(waits).await;
    let each_minute = (fake.reads() - before) / 10;
    assert!((30..=40).contains(&each_minute), "{each_minute} reads in each minute");
    assert!(fake.most() <= 50, "{} reads in a minute", fake.most());
}

#[tokio::test(start_paused = true)]
async fn a_hint_is_followed_at_once_even_when_it_comes_during_a_read() {
    for hinted_after in [50_u64, 700] {
        let (fake, registry) = (Fake::new(&[(0, "PE"), (200, "CO")]), PollerRegistry::default());
        let hint = async {
            tokio::time::sleep(Duration::from_millis(hinted_after)).await;
            registry.hint(&Uuid::from_u128(2));
            registry.hint(&IDENTIFIER);
        };
        let (waited, ()) =
            tokio::join!(wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(60)), hint);
        assert!(waited.unwrap().reached);
        let limit = Duration::from_millis(hinted_after.max(250) + 101);
        assert!(
            fake.start.elapsed() <= limit,
            "{:?} for a hint after {hinted_after} ms",
            fake.start.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_hints_does_not_become_a_flood_of_requests() {
    let (fake, registry) = (Fake::new(&[(0, "PE")]), PollerRegistry::default());
    let flood = async {
        loop {
            registry.hint(&IDENTIFIER);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        waited = wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(60)) => assert!(!waited.unwrap().done),
        () = flood => {}
    }
    assert!(fake.reads() <= 50, "{} reads", fake.reads());
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_can_pass_does_not_end_a_wait() {
    let failures = [
        Error::Timeout,
        Error::ServerError { status: 502 },
        Error::Unexpected { reason: "a page".to_owned() },
        Error::RateLimited { retry_after: Some(Duration::from_secs(2)) },
    ];
    for failure in failures {
        for course in [
            vec![(0, Err(failure.clone())), (5000, Ok("CO"))],
            vec![(0, Ok("PE")), (1000, Err(failure.clone())), (5000, Ok("CO"))],
        ] {
            let waited = wait_at(&Fake::failing(&course), Until::Safe, seconds(20)).await.unwrap();
            assert!(waited.reached, "{failure}");
        }
        let error = wait_at(&Fake::failing(&[(0, Err(failure.clone()))]), Until::Safe, seconds(20)).await;
        assert_eq!(error.unwrap_err().to_string(), failure.to_string(), "never read, so this is the answer");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_cannot_pass_ends_a_wait_at_once_for_everybody() {
    for failure in [Error::NotFound, Error::DeviceRefused, Error::Refused { status: 400, detail: None }] {
        let (fake, registry) = (Fake::failing(&[(0, Err(failure.clone()))]), PollerRegistry::default());
        let waits = (0..3).map(|_| wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(20)));
        for error in join_all(waits).await {
            assert_eq!(error.unwrap_err().to_string(), failure.to_string());
        }
        assert_eq!((fake.reads(), fake.start.elapsed()), (1, Duration::from_millis(100)));
        // What was wrong then may be right now.
        fake.change("CO");
        assert!(wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(20)).await.unwrap().reached);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_rate_limit_the_api_is_left_alone_for_as_long_as_it_asks() {
    let limited = Error::RateLimited { retry_after: Some(Duration::from_secs(42)) };
    let fake = Fake::failing(&[(0, Ok("PE")), (5000, Err(limited)), (15_000, Ok("PE"))]);
    wait_at(&fake, Until::Safe, seconds(5)).await.unwrap();
    let before = fake.reads();
    let waited = wait_at(&fake, Until::Safe, seconds(40)).await;
    assert!(matches!(waited, Err(Error::RateLimited { .. })), "{waited:?}");
    assert_eq!(fake.reads(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn an_api_that_hangs_is_a_timeout_and_not_an_answer() {
    let fake = Fake { takes: Duration::from_secs(3600), ..Fake::new(&[(0, "CO")]) };
    assert!(matches!(wait_at(&fake, Until::Safe, seconds(1)).await, Err(Error::Timeout)));
}

#[tokio::test(start_paused = true)]
async fn a_request_is_dropped_with_the_last_who_waits_and_not_before() {
    let (tell, mut abandoned) = mpsc::unbounded_channel();
    let fake = Fake { takes: Duration::from_secs(10), abandoned: Some(tell), ..Fake::new(&[(0, "PE")]) };
    let registry = PollerRegistry::default();
    let first = wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(2));
    let second = wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(4));
    let both = async { tokio::join!(first, second) };
    tokio::pin!(both);
    tokio::select! {
        _ = &mut both => panic!("both are still waiting"),
        () = tokio::time::sleep(Duration::from_secs(3)) => {}
    }
    assert!(abandoned.try_recv().is_err(), "one of them is still waiting");
    let (first, second) = both.await;
    assert!(matches!((first, second), (Err(Error::Timeout), Err(Error::Timeout))));
    assert_eq!(abandoned.recv().await, Some(()));
    assert_eq!(fake.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn short_waits_in_a_row_cost_no_more_than_a_long_one() {
    let (fake, registry) = (Fake::new(&[(0, "PE")]), PollerRegistry::default());
    let again = || wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(5));
    for _ in 0..9 {
        assert!(!again().await.unwrap().done);
    }
    assert!(fake.reads() <= 24, "{} reads in 45 s", fake.reads());
    for _ in 0..60 {
        again().await.unwrap();
    }
    assert!(fake.most() <= 32, "{} reads in a minute", fake.most());
    fake.change("CO");
    let changed = Instant::now();
    while !again().await.unwrap().reached {}
    assert!(changed.elapsed() <= Duration::from_secs(11), "{:?}", changed.elapsed());
    assert_eq!(fake.listened.load(Ordering::SeqCst), 1, "what tells nothing is not listened to again");
}

#[tokio::test(start_paused = true)]
async fn short_waits_in_a_row_notice_a_change_within_half_a_second_of_a_hint() {
    for hinted_after in [300, 4_950, 5_050, 22_000, 44_000] {
        let (fake, registry) = (Fake::new(&[(0, "PE")]), PollerRegistry::default());
        let waits = async {
            while !wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(5)).await.unwrap().reached {}
        };
        let hint = async {
            tokio::time::sleep(Duration::from_millis(hinted_after)).await;
            fake.change("CO");
            registry.hint(&IDENTIFIER);
            Instant::now()
        };
        let ((), hinted) = tokio::join!(waits, hint);
        assert!(
            hinted.elapsed() <= Duration::from_millis(450),
            "{:?} after {hinted_after}",
            hinted.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_is_told_what_was_read_a_moment_ago() {
    let (fake, registry) = (Fake::new(&[(0, "PE")]), PollerRegistry::default());
    for milliseconds in [200, 1, 1, 1, 1] {
        let options = WaitOptions::default().timeout(Duration::from_millis(milliseconds));
        assert!(!wait_with(&fake, &registry, IDENTIFIER, Until::Safe, options).await.unwrap().done);
    }
    assert_eq!(fake.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_after_the_pause_is_told_only_what_is_read_then() {
    let (fake, registry) = (Fake::new(&[(0, "EX")]), PollerRegistry::default());
    assert!(!wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(5)).await.unwrap().reached);
    fake.change("CO");
    tokio::time::sleep(Duration::from_millis(1001)).await;
    let back = Instant::now();
    assert!(wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(5)).await.unwrap().reached);
    assert_eq!((back.elapsed(), fake.reads()), (fake.takes, 2));
}

#[tokio::test(start_paused = true)]
async fn a_hint_that_comes_while_nobody_waits_outdates_what_was_read_before() {
    let (fake, registry) = (Fake::new(&[(0, "AC+")]), PollerRegistry::default());
    let again = || wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(5));
    assert!(again().await.unwrap().reached);
    assert!(again().await.unwrap().reached);
    assert_eq!(fake.reads(), 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    fake.change("FA");
    registry.hint(&IDENTIFIER);
    let hinted = Instant::now();
    assert!(!again().await.unwrap().reached);
    assert_eq!((hinted.elapsed(), fake.reads()), (fake.takes, 2));
}

#[tokio::test(start_paused = true)]
async fn a_hint_outdates_what_somebody_else_has_read_or_is_reading() {
    // The second read begins after 0.9 to 1.1 s; it takes so long that the hint comes in its middle.
    for hinted_after in [400, 2000] {
        let fake = Fake { takes: Duration::from_millis(100), ..Fake::new(&[(0, "AC+")]) };
        let slow = Fake { takes: Duration::from_secs(2), ..fake.clone() };
        let fake = if hinted_after == 400 { fake } else { slow };
        let registry = PollerRegistry::default();
        let other = wait_with(&fake, &registry, IDENTIFIER, Until::Completed, seconds(9));
        let after_a_hint = async {
            tokio::time::sleep(Duration::from_millis(hinted_after)).await;
            registry.hint(&IDENTIFIER);
            let waited = wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(8));
            let change = async {
                tokio::time::sleep(Duration::from_millis(1)).await;
                fake.change("FA");
            };
            assert!(!tokio::join!(waited, change).0.unwrap().reached, "hinted after {hinted_after} ms");
        };
        tokio::join!(other, after_a_hint).0.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_hundred_payments_at_once_as_many_are_read_as_the_rate_limit_allows() {
    for (timeout, read) in [(45, 30), (500, 200)] {
        let (fake, registry) = (Fake::new(&[(0, "PE")]), PollerRegistry::default());
        let waits = (1..=200).map(|payment| {
            wait_with(&fake, &registry, Uuid::from_u128(payment), Until::Safe, seconds(timeout))
        });
        let waited = join_all(waits).await;
        assert_eq!(waited.iter().filter(|waited| waited.is_ok()).count(), read, "in {timeout} s");
        for error in waited.into_iter().filter_map(Result::err) {
            let left = Duration::from_secs(61 - timeout);
            assert!(
                matches!(error, Error::RateLimited { retry_after } if retry_after == Some(left)),
                "{error}"
            );
        }
        assert!(fake.most() <= 50, "{} reads in a minute", fake.most());
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_read_leaves_the_api_alone_for_as_long_as_it_asks() {
    let limited = Error::RateLimited { retry_after: Some(Duration::from_secs(42)) };
    let (fake, registry) = (Fake::failing(&[(0, Err(limited)), (1000, Ok("CO"))]), PollerRegistry::default());
    wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(1)).await.unwrap_err();
    let other = Uuid::from_u128(2);
    let error = wait_with(&fake, &registry, other, Until::Safe, seconds(1)).await.unwrap_err();
    assert!(
        matches!(error, Error::RateLimited { retry_after: Some(left) } if left < Duration::from_secs(41)),
        "{error}"
    );
    assert!(wait_with(&fake, &registry, other, Until::Safe, seconds(60)).await.unwrap().reached);
    assert_eq!(*fake.times.lock().unwrap(), [Duration::ZERO, Duration::from_millis(42_100)]);
}

#[tokio::test(start_paused = true)]
async fn a_read_that_was_given_up_is_no_reason_for_another_first_one() {
    let fake = Fake { takes: Duration::from_secs(2), ..Fake::new(&[(0, "PE")]) };
    let registry = PollerRegistry::default();
    for _ in 0..180 {
        let error = wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(1)).await.unwrap_err();
        assert!(matches!(error, Error::Timeout | Error::RateLimited { .. }), "{error}");
    }
    assert!(fake.most() <= 40, "{} reads in a minute", fake.most());
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_much_later_begins_anew() {
    let (fake, registry) = (Fake::new(&[(0, "PE")]), PollerRegistry::default());
    wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(120)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(301)).await;
    let before = fake.reads();
    wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(4)).await.unwrap();
    assert!((3..=5).contains(&(fake.reads() - before)), "{} reads", fake.reads() - before);
    assert_eq!(fake.listened.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_read_before_a_failure_is_not_told_to_whoever_comes_after_it() {
    let course = [(0, Ok("AC+")), (500, Err(Error::Timeout)), (7000, Ok("FA"))];
    let (fake, registry) = (Fake::failing(&course), PollerRegistry::default());
    let other = wait_with(&fake, &registry, IDENTIFIER, Until::Completed, seconds(4));
    let after_a_failure = async {
        while fake.reads() < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(fake.takes * 2).await;
        wait_with(&fake, &registry, IDENTIFIER, Until::Safe, seconds(60)).await
    };
    assert!(!tokio::join!(other, after_a_failure).1.unwrap().reached);
}

#[tokio::test(start_paused = true)]
async fn an_api_that_hangs_is_told_from_a_budget_that_is_used_up() {
    let fake = Fake { takes: Duration::from_secs(3600), ..Fake::new(&[(0, "PE")]) };
    let registry = PollerRegistry::default();
    let waits = (1..=50)
        .map(|payment| wait_with(&fake, &registry, Uuid::from_u128(payment), Until::Safe, seconds(5)));
    let waited = join_all(waits).await;
    assert_eq!(waited.iter().filter(|waited| matches!(waited, Err(Error::Timeout))).count(), fake.reads());
    assert_eq!(fake.reads(), 30);
}
