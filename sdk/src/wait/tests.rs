//! Waits on a clock that stands still until everybody sleeps.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use futures::future::join_all;
use tokio::{sync::mpsc, time::Instant};

use super::{budget::Budget, ear::Ear, *};
use crate::one_payment::OnePayment;

const IDENTIFIER: Uuid = Uuid::from_u128(1);

/// What holds from when on, in milliseconds.
type Course = Vec<(u64, Result<&'static str, Error>)>;

/// An API whose payment changes at given times.
#[derive(Clone)]
struct Fake {
    start: Instant,
    course: Arc<Mutex<Course>>,
    reads: Arc<AtomicUsize>,
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
        Self { start, course, reads: Arc::default(), takes, abandoned: None }
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

impl Source for Fake {
    async fn read(&self, identifier: Uuid) -> Result<Payment, Error> {
        struct Abandoned(Option<mpsc::UnboundedSender<()>>);
        impl Drop for Abandoned {
            fn drop(&mut self) {
                if let Some(tell) = &self.0 {
                    let _ = tell.send(());
                }
            }
        }
        self.reads.fetch_add(1, Ordering::SeqCst);
        let mut abandoned = Abandoned(self.abandoned.clone());
        tokio::time::sleep(self.takes).await;
        abandoned.0 = None;
        let now = self.start.elapsed().as_millis();
        let course = self.course.lock().unwrap();
        let (_, state) = course.iter().rfind(|(time, _)| u128::from(*time) <= now).unwrap();
        state.clone().map(|status| payment(identifier, status))
    }

    async fn listen(&self, _: Uuid, _: &Ear, _: &Budget) {}
}

/// An XRP order in this status; `AC+` is a safe AC.
fn payment(identifier: Uuid, status: &str) -> Payment {
    let safe = status.ends_with('+').to_string();
    let json = include_str!("../../../tests/samples/orders_info_200_PE.json")
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
    wait(fake, &Watches::new(), IDENTIFIER, until, options).await
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
    let (crowd, watches) = (Fake::new(&course), Watches::new());
    let waits = (0..500).map(|_| wait(&crowd, &watches, IDENTIFIER, Until::Safe, seconds(60)));
    for waited in join_all(waits).await {
        assert!(waited.unwrap().reached);
    }
    // Chance shortens the pauses.
    assert!(crowd.reads().abs_diff(alone.reads()) <= 4, "{} and {}", crowd.reads(), alone.reads());
}

#[tokio::test(start_paused = true)]
async fn however_many_payments_are_waited_for_the_rate_limit_holds() {
    let (fake, watches) = (Fake::new(&[(0, "PE")]), Watches::new());
    let waits =
        (1..=30).map(|payment| wait(&fake, &watches, Uuid::from_u128(payment), Until::Safe, seconds(60)));
    for waited in join_all(waits).await {
        assert!(!waited.unwrap().done, "everybody learns how things stand");
    }
    assert!((30..=70).contains(&fake.reads()), "{} reads in a minute", fake.reads());
    let before = fake.reads();
    let waits =
        (1..=30).map(|payment| wait(&fake, &watches, Uuid::from_u128(payment), Until::Safe, seconds(600)));
    join_all(waits).await;
    let each_minute = (fake.reads() - before - 30) / 10;
    assert!(each_minute <= 40, "{each_minute} reads in each minute");
}

#[tokio::test(start_paused = true)]
async fn a_hint_is_followed_at_once_even_when_it_comes_during_a_read() {
    for hinted_after in [50_u64, 700] {
        let (fake, watches) = (Fake::new(&[(0, "PE"), (200, "CO")]), Watches::new());
        let hint = async {
            tokio::time::sleep(Duration::from_millis(hinted_after)).await;
            watches.hint(Uuid::from_u128(2));
            watches.hint(IDENTIFIER);
        };
        let (waited, ()) = tokio::join!(wait(&fake, &watches, IDENTIFIER, Until::Safe, seconds(60)), hint);
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
    let (fake, watches) = (Fake::new(&[(0, "PE")]), Watches::new());
    let flood = async {
        loop {
            watches.hint(IDENTIFIER);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        waited = wait(&fake, &watches, IDENTIFIER, Until::Safe, seconds(60)) => assert!(!waited.unwrap().done),
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
        let (fake, watches) = (Fake::failing(&[(0, Err(failure.clone()))]), Watches::new());
        let waits = (0..3).map(|_| wait(&fake, &watches, IDENTIFIER, Until::Safe, seconds(20)));
        for error in join_all(waits).await {
            assert_eq!(error.unwrap_err().to_string(), failure.to_string());
        }
        assert_eq!((fake.reads(), fake.start.elapsed()), (1, Duration::from_millis(100)));
        // What was wrong then may be right now.
        *fake.course.lock().unwrap() = vec![(0, Ok("CO"))];
        assert!(wait(&fake, &watches, IDENTIFIER, Until::Safe, seconds(20)).await.unwrap().reached);
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
    let watches = Watches::new();
    let first = wait(&fake, &watches, IDENTIFIER, Until::Safe, seconds(2));
    let second = wait(&fake, &watches, IDENTIFIER, Until::Safe, seconds(4));
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
