use super::*;
use crate::{
    request::{Unverified, Verified},
    signature::{Claim, Signature},
};

const WINDOW: Duration = Duration::from_secs(20);

fn at(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(second)
}

fn signed_at(second: u64) -> Fresh<'static> {
    let tag = || vec![Signature::from([0; 32])];
    let claim = Claim { presented: tag(), expected: tag(), signed_at: Some(at(second)) };
    let request = Unverified { headers: &[], body: b"" };
    Verified::prove(request, &claim).unwrap().fresh(None, at(second)).unwrap()
}

fn guard() -> Arc<ReplayGuard> {
    Arc::new(ReplayGuard::new(WINDOW, UNIX_EPOCH))
}

fn enter(guard: &Arc<ReplayGuard>, key: u8, second: u64, now: u64) -> Result<(), Denied> {
    guard.enter([key; 16], &signed_at(second), at(now)).map(ReplayEntry::keep)
}

#[test]
fn a_request_enters_once_and_others_of_its_second_enter_too() {
    let guard = guard();
    for key in 1..=100 {
        assert_eq!(enter(&guard, key, 1000, 1000), Ok(()));
    }
    for now in [1000, 1019, 1020] {
        assert_eq!(enter(&guard, 1, 1000, now), Err(Denied::Replayed));
    }
}

#[test]
fn what_is_not_kept_leaves_its_place() {
    let guard = guard();
    drop(guard.enter([1; 16], &signed_at(1000), at(1000)).unwrap());
    let entry = guard.enter([1; 16], &signed_at(1000), at(1000)).unwrap();
    assert_eq!(enter(&guard, 1, 1000, 1000), Err(Denied::Replayed));
    drop(entry);
    assert_eq!(enter(&guard, 1, 1000, 1000), Ok(()));
}

#[test]
fn an_entry_lives_exactly_as_long_as_its_nonce_can_be_fresh() {
    let guard = Arc::new(ReplayGuard::new(WINDOW, UNIX_EPOCH).with_capacity(1));
    assert_eq!(enter(&guard, 1, 1000, 1000), Ok(()));
    assert_eq!(enter(&guard, 2, 1020, 1020), Err(Denied::Full));
    assert_eq!(enter(&guard, 2, 1021, 1021), Ok(()));
    assert_eq!(guard.memory().entries, 1);
}

#[test]
fn a_full_guard_refuses_newcomers_and_forgets_no_live_entry() {
    let guard = Arc::new(ReplayGuard::new(WINDOW, UNIX_EPOCH).with_capacity(2));
    assert_eq!(enter(&guard, 1, 1000, 1000), Ok(()));
    assert_eq!(enter(&guard, 2, 1000, 1000), Ok(()));
    assert_eq!(enter(&guard, 3, 1000, 1000), Err(Denied::Full));
    assert_eq!(enter(&guard, 1, 1000, 1000), Err(Denied::Replayed));
}

#[test]
fn a_clock_set_back_makes_no_forgotten_nonce_fresh_again() {
    let guard = guard();
    assert_eq!(enter(&guard, 1, 1000, 1000), Ok(()));
    assert_eq!(enter(&guard, 2, 1100, 1100), Ok(()));
    assert_eq!(enter(&guard, 1, 1000, 1001), Err(Denied::BeforeMemory));
}

#[test]
fn a_clock_that_ran_ahead_for_a_while_holds_nothing_back_once_it_is_right_again() {
    let guard = Arc::new(ReplayGuard::new(WINDOW, at(900)));
    assert_eq!(enter(&guard, 1, 1000, 1000), Ok(()));
    // An hour, a day and a year ahead, long enough for seconds of that time to be forgotten.
    for ahead in [3_700, 90_000, 32_000_000] {
        for second in [1000 + ahead, 1030 + ahead, 1060 + ahead] {
            assert_eq!(enter(&guard, 2, second, second), Ok(()));
        }
        assert_eq!(enter(&guard, 3, 1100 + ahead / 1000, 1100 + ahead / 1000), Ok(()), "{ahead}");
        // What was accepted and forgotten stays out, in the past and in the future.
        assert_eq!(enter(&guard, 1, 1000, 1010), Err(Denied::BeforeMemory));
        assert_eq!(enter(&guard, 2, 1000 + ahead, 1000 + ahead), Err(Denied::BeforeMemory));
        assert_eq!(enter(&guard, 2, 1060 + ahead, 1060 + ahead), Err(Denied::Replayed));
    }
}

#[test]
fn what_was_signed_up_to_the_second_in_which_the_memory_begins_is_not_trusted() {
    let started = at(1000) + Duration::from_millis(900);
    let guard = Arc::new(ReplayGuard::new(WINDOW, started));
    assert_eq!(enter(&guard, 1, 999, 1001), Err(Denied::BeforeMemory));
    assert_eq!(enter(&guard, 1, 1000, 1001), Err(Denied::BeforeMemory));
    assert_eq!(enter(&guard, 1, 1001, 1001), Ok(()));
}

#[test]
fn a_million_entries_find_room() {
    let guard = guard();
    let mut memory = guard.memory();
    for number in 0..1_000_000_u128 {
        memory.enter(number.to_be_bytes(), 1000 + (number % 20) as u64, 1000, CAPACITY).unwrap();
    }
    assert_eq!(memory.enter([255; 16], 1000, 1000, CAPACITY), Err(Denied::Full));
}
