//! Several processes with the same keys, which know of each other by the list alone.

use std::{collections::BTreeSet, sync::atomic::AtomicUsize};

use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};

use super::*;

#[tokio::test(start_paused = true)]
async fn processes_that_have_a_key_at_the_same_moment_tell_the_same_order() {
    let api = Api::default();
    let processes: Vec<Keys> = (0..3).map(|_| keys()).collect();
    let (order, key) = (onchain(), key());
    let told = join_all(processes.iter().map(|keys| create(&api, keys, &order, &key))).await;
    let told: Vec<PlacedOrder> = told.into_iter().map(Result::unwrap).collect();
    assert_eq!(api.counts().0, 3, "none could know of the others");
    for order in told.iter().chain([&create(&api, &keys(), &order, &key).await.unwrap()]) {
        assert_eq!((order.identifier, order.address.as_deref()), (Uuid::from_u128(1), Some("address-1")));
    }
    assert_eq!((told[0].how, told[1].how), (OrderOrigin::Created, OrderOrigin::Recovered));
    assert_eq!(told[2].others.as_deref().unwrap(), [Uuid::from_u128(2), Uuid::from_u128(3)]);
}

#[tokio::test(start_paused = true)]
async fn of_links_made_at_the_same_moment_one_page_is_told() {
    let api = Api::default();
    let (here, there, order, key) = (keys(), keys(), link(), key());
    let (first, second) = tokio::join!(create(&api, &here, &order, &key), create(&api, &there, &order, &key));
    let first = first.unwrap();
    assert_eq!(first.web_url.as_deref(), Some("https://pay.example/1/"));
    let again = create(&api, &there, &order, &key).await;
    let later = create(&api, &keys(), &order, &key).await;
    for lost in [second, again, later] {
        let error = lost.unwrap_err();
        assert!(matches!(error, Error::LinkLost { identifier } if identifier == first.identifier), "{error}");
    }
    assert_eq!(api.counts().0, 2);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_comes_after_its_process_has_gone_is_told_to_nobody() {
    let api = Api::with([Fate::Late(60_000)]);
    let lost = create(&api, &keys(), &onchain(), &key()).await.unwrap_err();
    assert_eq!(lost.outcome(), Outcome::Unknown);
    let here = keys();
    let told = create(&api, &here, &onchain(), &key()).await.unwrap();
    sleep(Duration::from_secs(60)).await;
    for keys in [&here, &keys()] {
        let later = create(&api, keys, &onchain(), &key()).await.unwrap();
        assert_eq!((later.identifier, &later.address), (told.identifier, &told.address));
    }
    let later = create(&api, &keys(), &onchain(), &key()).await.unwrap();
    assert_eq!(later.others.as_deref().unwrap(), [Uuid::from_u128(1)], "whoever asks then learns of it");
}

/// How many rounds a simulation has; `SIMULATION_SEEDS` asks for more.
fn seeds() -> u64 {
    std::env::var("SIMULATION_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(400)
}

/// Four processes, each with a few attempts at one sale, meet every fate at every moment; calls are given up and
/// processes restarted. The order they tell is one.
#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_the_answers_all_processes_tell_one_order() {
    let mut creates = BTreeSet::new();
    let mut withheld = 0;
    for seed in 0..seeds() {
        let mut chance = SmallRng::seed_from_u64(seed);
        let fates = (0..8).map(|_| match chance.random_range(0..9) {
            0 => Fate::Lost,
            1 => Fate::Late(chance.random_range(0..200_000)),
            2 => Fate::Swallowed,
            3 => Fate::Status([500, 502, 503, 504][chance.random_range(0..4)]),
            4 => Fate::BusyAndLate(chance.random_range(0..30_000)),
            5 => Fate::Refused,
            _ => Fate::Slow(chance.random_range(0..3_000)),
        });
        let mut api = Api::with(fates.collect::<Vec<_>>());
        // In every third round each look may fail.
        let flickers = (seed % 3 == 0).then(|| SmallRng::seed_from_u64(seed));
        *api.list_flickers.lock().unwrap() = flickers;
        api.lag = Duration::from_millis([0, chance.random_range(0..3_000)][chance.random_range(0..2)]);
        // In every fifth round the list holds an order of another key of which little can be read.
        if seed % 5 == 0 {
            api.commit(&onchain().request().unwrap(), 0);
            api.make_odd(0, ["created_at", "fiat_amount", "status"][chance.random_range(0..3)], "{}");
        }
        let order = if seed % 2 == 0 { onchain() } else { link() };
        let orders = [order.clone(), order.notes("Another sale under the same key")];
        let not_compared = AtomicUsize::new(0);
        let processes = (0..4).map(async |process| {
            let mut chance = SmallRng::seed_from_u64(seed * 4 + process);
            let (mut keys, mut told) = (keys(), Vec::new());
            let order = &orders[usize::from(chance.random_range(0..6) == 0)];
            sleep(Duration::from_millis(chance.random_range(0..5_000))).await;
            for _ in 0..6 {
                let patience =
                    Duration::from_millis([60_000, chance.random_range(0..6_000)][chance.random_range(0..2)]);
                let placed = tokio::time::timeout(patience, create(&api, &keys, order, &key())).await;
                if let Ok(Err(Error::NotCompared { .. })) = placed {
                    not_compared.fetch_add(1, Ordering::Relaxed);
                }
                told.extend(placed.ok().and_then(Result::ok));
                if chance.random_range(0..5) == 0 {
                    keys = super::keys();
                }
                sleep(Duration::from_millis(chance.random_range(0..90_000))).await;
            }
            told
        });
        let told: Vec<PlacedOrder> = join_all(processes).await.into_iter().flatten().collect();
        let places: BTreeSet<_> =
            told.iter().map(|order| (order.identifier, &order.address, &order.tag_memo)).collect();
        assert!(places.len() <= 1, "seed {seed}: {places:?}");
        creates.insert(api.counts().0);
        withheld += not_compared.into_inner();
    }
    assert!(withheld > 10, "orders are withheld: {withheld}");
    assert!(creates.contains(&1) && creates.last() > Some(&3), "the races happen: {creates:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_shows_orders_late_is_waited_for() {
    let api = Api { lag: Duration::from_millis(2_500), ..Api::default() };
    let (here, there, order, key) = (keys(), keys(), onchain(), key());
    let (first, second) = tokio::join!(create(&api, &here, &order, &key), create(&api, &there, &order, &key));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((api.counts().0, first.identifier), (2, second.identifier));

    // A restart in the moment after the create.
    let (api, key) = (Api::with([Fate::Lost]), "ORD-2".parse().unwrap());
    let api = Api { lag: Duration::from_millis(2_500), ..api };
    let cut = tokio::time::timeout(Duration::from_millis(1), create(&api, &keys(), &order, &key)).await;
    assert!(cut.is_err());
    let then = create(&api, &keys(), &order, &key).await.unwrap();
    assert_eq!((api.counts().0, then.identifier), (2, Uuid::from_u128(1)), "the first of the two");
}

/// The order that was created and must be shown to nobody yet.
fn withheld(result: Result<PlacedOrder, Error>) -> Uuid {
    let error = result.unwrap_err();
    assert_eq!((error.outcome(), error.is_retryable()), (Outcome::Created, true), "{error}");
    let Error::NotCompared { identifier, .. } = error else { panic!("{error}") };
    identifier
}

#[tokio::test(start_paused = true)]
async fn while_the_list_cannot_be_read_an_order_under_a_shared_key_is_told_to_nobody() {
    for order in [onchain(), link()] {
        let api = Api::with([Fate::Slow(100), Fate::Slow(200)]);
        let (here, there, key) = (keys(), keys(), key());
        let both =
            async { tokio::join!(create(&api, &here, &order, &key), create(&api, &there, &order, &key)) };
        let ((first, second), ()) = tokio::join!(both, async {
            sleep(Duration::from_millis(50)).await;
            api.list_fails.store(true, Ordering::SeqCst);
        });
        let (first, second) = (withheld(first), withheld(second));
        assert_ne!(first, second);
        for (keys, identifier) in [(&here, first), (&there, second)] {
            assert_eq!(withheld(create(&api, keys, &order, &key).await), identifier, "still");
        }
        api.list_fails.store(false, Ordering::SeqCst);
        // Whoever asks first then: one order is told.
        let later = create(&api, &there, &order, &key).await;
        let told = create(&api, &here, &order, &key).await.unwrap();
        assert_eq!((told.identifier, told.others), (first, Some(vec![second])));
        assert_eq!(told.web_url.as_deref(), Some("https://pay.example/1/"));
        match later {
            Ok(later) => assert_eq!((later.identifier, later.address), (first, told.address)),
            Err(error) => {
                assert!(matches!(error, Error::LinkLost { identifier } if identifier == first), "{error}");
            }
        }
        assert_eq!(api.counts().0, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn one_look_that_fails_is_followed_by_another() {
    for error in [429, 503] {
        let api = Api::with([Fate::Slow(100)]);
        let (memory, order, key) = (keys(), onchain(), key());
        let (placed, ()) = tokio::join!(create(&api, &memory, &order, &key), async {
            sleep(Duration::from_millis(50)).await;
            api.list_fails.store(true, Ordering::SeqCst);
            sleep(Duration::from_millis(400)).await;
            api.list_fails.store(false, Ordering::SeqCst);
        });
        assert_eq!(placed.unwrap().others.as_deref(), Some(&[][..]), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_hangs_is_given_up_after_ten_seconds() {
    let api = Api::with([Fate::Slow(1_000)]);
    let (memory, order, key) = (keys(), link(), key());
    let begin = Instant::now();
    let (placed, ()) = tokio::join!(create(&api, &memory, &order, &key), async {
        sleep(Duration::from_millis(500)).await;
        api.list_hangs.store(true, Ordering::SeqCst);
    });
    withheld(placed);
    assert_eq!(begin.elapsed(), Duration::from_secs(12));
    withheld(create(&api, &memory, &order, &key).await);
    assert_eq!(begin.elapsed(), Duration::from_secs(22));
}

#[tokio::test(start_paused = true)]
async fn a_search_ends_after_ten_seconds_whatever_the_pauses_are() {
    for (base_delay, list_fails) in [(500, false), (10_000, false), (10_000, true), (0, true)] {
        let api = Api { policy: policy(base_delay), ..Api::with([Fate::Swallowed]) };
        api.list_fails.store(list_fails, Ordering::SeqCst);
        let begin = Instant::now();
        create(&api, &keys(), &onchain(), &IdempotencyKey::generate()).await.unwrap_err();
        assert!(begin.elapsed() <= Duration::from_secs(10), "{base_delay}: {:?}", begin.elapsed());
        assert_eq!(api.counts().1, 4, "{base_delay}: every look has its turn");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_without_the_marker_is_told_and_nothing_is_taken_for_absent_there() {
    let api = Api { unmarked: true, ..Api::with([Fate::Answered, Fate::Lost]) };
    let here = keys();
    let placed = create(&api, &here, &onchain(), &key()).await.unwrap();
    assert!(placed.unmarked, "{placed:?}");
    assert!(create(&api, &here, &onchain(), &key()).await.unwrap().unmarked, "and whenever it is repeated");
    // An order whose answer is lost is there, and cannot be found.
    let lost: IdempotencyKey = "ORD-2".parse().unwrap();
    create(&api, &here, &onchain(), &lost).await.unwrap_err();
    sleep(UNKNOWN_OUTCOME_WINDOW * 2).await;
    let error = create(&api, &here, &onchain(), &lost).await.unwrap_err();
    assert!(matches!(error, Error::InDoubt), "{error}");
    assert_eq!(api.counts().0, 2);
}

#[tokio::test(start_paused = true)]
async fn whoever_knows_of_another_order_looks_whether_that_one_is_being_paid() {
    let (api, here, there) = (Api::default(), keys(), keys());
    let (order, key) = (onchain(), key());
    let (first, _) = tokio::join!(create(&api, &here, &order, &key), create(&api, &there, &order, &key));
    assert_eq!(first.unwrap().others, Some(vec![Uuid::from_u128(2)]));
    let again = create(&api, &here, &order, &key).await.unwrap();
    assert_eq!(again.identifier, Uuid::from_u128(1));
    // The customer had been shown the second, by whatever way, and pays it.
    api.change(1, |payment| payment.status = "AC".into());
    api.list_fails.store(true, Ordering::SeqCst);
    withheld(create(&api, &here, &order, &key).await);
    api.list_fails.store(false, Ordering::SeqCst);
    let again = create(&api, &here, &order, &key).await.unwrap();
    assert_eq!((again.identifier, again.others), (Uuid::from_u128(2), Some(vec![Uuid::from_u128(1)])));
    // Both: the one that was told stays.
    api.change(0, |payment| payment.status = "AC".into());
    let again = create(&api, &here, &order, &key).await.unwrap();
    assert_eq!(again.identifier, Uuid::from_u128(2));
}

#[tokio::test(start_paused = true)]
async fn a_link_that_was_replaced_and_is_paid_all_the_same_is_found() {
    let (api, here) = (Api::with([Fate::Lost]), keys());
    let replacement = create(&api, &here, &link(), &key()).await.unwrap();
    assert_eq!(
        (replacement.identifier, replacement.replaces),
        (Uuid::from_u128(2), Some(Uuid::from_u128(1)))
    );
    api.change(0, |payment| {
        payment.status = PaymentStatus::Pe;
        payment.address = Some("seen by somebody".into());
    });
    let again = create(&api, &here, &link(), &key()).await.unwrap();
    assert_eq!(again.identifier, replacement.identifier, "nothing has come yet");
    api.change(0, |payment| payment.unconfirmed_amount = Some("0.5".parse().unwrap()));
    for keys in [&here, &keys()] {
        let again = create(&api, keys, &link(), &key()).await.unwrap();
        assert_eq!((again.identifier, again.others), (Uuid::from_u128(1), Some(vec![Uuid::from_u128(2)])));
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_the_list_shows_twice_is_no_duplicate_of_itself() {
    let (api, here) = (Api::default(), keys());
    let first = create(&api, &here, &onchain(), &key()).await.unwrap();
    let twice = api.orders.lock().unwrap()[0].clone();
    api.orders.lock().unwrap().push(twice);
    let found = create(&api, &keys(), &onchain(), &key()).await.unwrap();
    assert_eq!((found.identifier, found.others.as_deref()), (first.identifier, Some(&[][..])));
}

#[tokio::test(start_paused = true)]
async fn what_is_odd_about_an_order_matters_to_its_own_key_only() {
    let other: IdempotencyKey = "ORD-2".parse().unwrap();
    for (field, value, blocks) in [
        ("fiat_amount", "null", false),
        ("edited_at", "\"yesterday\"", false),
        ("created_at", "\"2026-03-10T12:00:00\"", false),
        ("safe", "\"maybe\"", false),
        ("internal_data", "[1, 2]", false),
        ("identifier", "\"1001\"", true),
        ("status", "null", true),
        ("address", "{}", true),
        ("crypto_amount", "\"half\"", true),
    ] {
        let api = Api::default();
        create(&api, &keys(), &onchain(), &key()).await.unwrap();
        api.make_odd(0, field, value);
        let elsewhere = create(&api, &keys(), &onchain(), &other).await.unwrap();
        assert_eq!(elsewhere.others.as_deref(), Some(&[][..]), "{field}");
        if blocks {
            let error = create(&api, &keys(), &onchain(), &key()).await.unwrap_err();
            assert!(
                matches!(error, Error::Unreadable { .. }) && error.to_string().contains(field),
                "{error}"
            );
            assert_eq!(
                error.to_string().contains(&Uuid::from_u128(1).to_string()),
                field != "identifier",
                "{error}"
            );
            assert_eq!((error.outcome(), api.counts().0), (Outcome::Unknown, 2), "{field}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn orders_of_other_versions_of_this_program_are_found_or_refused() {
    // As version 1 wrote it.
    let api = Api::default();
    create(&api, &keys(), &onchain(), &key()).await.unwrap();
    let mark = api.device.mark();
    let version1 = |request: &str, version: u8| {
        format!(
            r#"{{"bitnovo-pay":{version},"key":"ORD-1","device":"{}","request":"{request}","attempt":"{}"}}"#,
            mark.as_str(),
            Uuid::from_u128(7)
        )
    };
    let request = "182dcb32582676b7da34000607f7b3ca7f8c7528143058de0eb864203f59de78";
    api.change(0, |payment| payment.internal_data = Some(version1(request, 1)));
    let found = create(&api, &keys(), &onchain(), &key()).await.unwrap();
    assert_eq!((found.how, found.identifier), (OrderOrigin::Recovered, Uuid::from_u128(1)));
    let other = create(&api, &keys(), &onchain().notes("x"), &key()).await.unwrap_err();
    assert!(
        matches!(&other, Error::IdempotencyConflict { existing: Some(_), differing, .. } if differing.is_empty()),
        "{other}"
    );
    // As a version to come may write it.
    api.change(0, |payment| payment.internal_data = Some(version1("whatever", 3)));
    let error = create(&api, &keys(), &onchain(), &key()).await.unwrap_err();
    assert!(matches!(error, Error::NewerMarker { version: 3, .. }), "{error}");
    assert_eq!((error.outcome(), api.counts().0), (Outcome::Created, 1));
    create(&api, &keys(), &onchain(), &"ORD-2".parse().unwrap()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_conflict_names_the_order_and_what_differs() {
    let (api, here) = (Api::default(), keys());
    let first = create(&api, &here, &onchain(), &key()).await.unwrap();
    let other = NewOrder::onchain("23".parse().unwrap(), Fiat::Eur, "BTC").notes("x");
    // From memory, and from the list.
    for keys in [&here, &keys()] {
        let error = create(&api, keys, &other, &key()).await.unwrap_err();
        let expected = format!(
            "the idempotency key was used before, for the order {}, with another amount, notes",
            first.identifier
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.outcome(), Outcome::NotCreated);
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_sales_under_one_key_at_the_same_moment_one_is_told() {
    let api = Api::default();
    let (here, there, key) = (keys(), keys(), key());
    let (one, other) = (onchain(), onchain().notes("Another sale"));
    let (first, second) = tokio::join!(create(&api, &here, &one, &key), create(&api, &there, &other, &key));
    assert_eq!(first.unwrap().identifier, Uuid::from_u128(1));
    let second = second.unwrap_err();
    let orphan = Uuid::from_u128(2);
    assert!(
        matches!(second, Error::IdempotencyConflict { created: Some(id), .. } if id == orphan),
        "{second}"
    );
    assert_eq!(second.outcome(), Outcome::Created);
    let again = create(&api, &there, &other, &key).await.unwrap_err();
    assert!(matches!(again, Error::IdempotencyConflict { .. }), "{again}");
    assert_eq!(create(&api, &there, &one, &key).await.unwrap().identifier, Uuid::from_u128(1));
    assert_eq!(api.counts().0, 2);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_does_not_deny_an_order_whose_answer_was_lost() {
    // The other sale comes first into the list; ours is there, on its way, or was never made.
    for (fate, created) in [(Fate::Lost, true), (Fate::Late(30_000), false), (Fate::Swallowed, false)] {
        let api = Api::with([Fate::Answered, fate]);
        let (here, there, key) = (keys(), keys(), key());
        let (one, other) = (onchain(), onchain().notes("Another sale"));
        let (first, second) =
            tokio::join!(create(&api, &here, &one, &key), create(&api, &there, &other, &key));
        assert_eq!(first.unwrap().identifier, Uuid::from_u128(1));
        let outcome = if created { Outcome::Created } else { Outcome::Unknown };
        assert_eq!(second.unwrap_err().outcome(), outcome, "{fate:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_orders_the_one_that_was_told_or_that_the_customer_has_begun_to_pay_counts() {
    let api = Api::default();
    let (here, there, order, key) = (keys(), keys(), onchain(), key());
    let (one, other) = tokio::join!(create(&api, &here, &order, &key), create(&api, &there, &order, &key));
    assert_eq!(one.unwrap().identifier, other.unwrap().identifier);
    for status in ["EX", "CA", "DE"] {
        // The one that was told is over: that the other can still be paid does not make it the sale's.
        api.change(0, |payment| payment.status = status.into());
        let spent = create(&api, &keys(), &order, &key).await.unwrap_err();
        assert!(
            matches!(spent, Error::KeySpent { identifier, .. } if identifier == Uuid::from_u128(1)),
            "{spent}"
        );
    }
    api.change(0, |payment| payment.status = "PE".into());
    for status in ["AC", "IA", "CO", "CM", "OC"] {
        api.change(1, |payment| payment.status = status.into());
        let told = create(&api, &keys(), &order, &key).await.unwrap();
        assert_eq!((told.identifier, told.others), (Uuid::from_u128(2), Some(vec![Uuid::from_u128(1)])));
    }
}

#[tokio::test(start_paused = true)]
async fn another_device_has_keys_of_its_own() {
    let mut api = Api::default();
    let first = create(&api, &keys(), &onchain(), &key()).await.unwrap();
    api.device = Uuid::from_u128(2).into();
    let other = create(&api, &keys(), &onchain(), &key()).await.unwrap();
    assert_eq!((other.how, api.counts().0), (OrderOrigin::Created, 2));
    assert_ne!(other.address, first.address);
    assert_eq!(other.others.as_deref(), Some(&[][..]));
}

#[tokio::test(start_paused = true)]
async fn a_key_under_which_nothing_came_is_free_for_another_sale_once_that_is_certain() {
    for (fate, free) in [(Fate::Swallowed, true), (Fate::Late(60_000), false)] {
        let (api, keys) = (Api::with([fate]), keys());
        let (one, other) = (link(), link().notes("Another sale"));
        create(&api, &keys, &one, &key()).await.unwrap_err();
        let early = create(&api, &keys, &other, &key()).await.unwrap_err();
        assert!(matches!(early, Error::IdempotencyConflict { created: None, .. }), "{early}");
        sleep(UNKNOWN_OUTCOME_WINDOW).await;
        let late = create(&api, &keys, &other, &key()).await;
        if free {
            assert_eq!(late.unwrap().how, OrderOrigin::Created);
        } else {
            let error = late.unwrap_err();
            assert!(matches!(error, Error::IdempotencyConflict { created: None, .. }), "{error}");
            // The sale that has the key is not forgotten over it: nobody but us can know its page.
            assert!(create(&api, &keys, &one, &key()).await.unwrap().replaces.is_some());
        }
    }
}

/// A store that cannot write an order down while it is out of order.
#[derive(Debug, Default)]
struct Unwritable {
    memory: MemoryKeyStore,
    fails: std::sync::atomic::AtomicBool,
}

impl KeyStore for Unwritable {
    fn load<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, Option<KeyEntry>> {
        self.memory.load(key)
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        entry: KeyEntry,
        now: DateTime<Utc>,
    ) -> Stored<'a, Option<KeyEntry>> {
        self.memory.claim(key, entry, now)
    }

    fn replace<'a>(
        &'a self,
        key: &'a StoreKey,
        before: &'a KeyEntry,
        entry: KeyEntry,
        now: DateTime<Utc>,
    ) -> Stored<'a, bool> {
        self.memory.replace(key, before, entry, now)
    }

    fn save<'a>(&'a self, key: &'a StoreKey, entry: KeyEntry, now: DateTime<Utc>) -> Stored<'a, ()> {
        if self.fails.load(Ordering::SeqCst) && matches!(entry.phase, KeyPhase::Placed { .. }) {
            return Box::pin(async { Err("the disk is full".into()) });
        }
        self.memory.save(key, entry, now)
    }

    fn remove<'a>(&'a self, key: &'a StoreKey) -> Stored<'a, ()> {
        self.memory.remove(key)
    }

    fn find<'a>(&'a self, namespace: &'a Namespace, reference: &'a str) -> Stored<'a, Option<KeyEntry>> {
        self.memory.find(namespace, reference)
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_of_a_link_is_told_only_when_it_is_remembered() {
    let store = Arc::new(Unwritable::default());
    store.fails.store(true, Ordering::SeqCst);
    let keys = Keys::new(records(Arc::clone(&store) as Arc<dyn KeyStore>), wall());
    let api = Api::default();
    let error = create(&api, &keys, &link(), &key()).await.unwrap_err();
    assert!(matches!(error, Error::LinkLost { .. }), "{error}");
    let onchain = create(&api, &keys, &onchain(), &"ORD-2".parse().unwrap()).await.unwrap();
    assert_eq!(onchain.how, OrderOrigin::Created, "its address can be told again");
    store.fails.store(false, Ordering::SeqCst);
    let link = create(&api, &keys, &link(), &key()).await.unwrap();
    assert_eq!(link.replaces, Some(Uuid::from_u128(1)));
}
