//! An API in memory.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::DateTime;
use rand::{RngExt as _, rngs::SmallRng};
use serde_json::value::RawValue;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::super::{Attempts, KeyQuery, KeyRow, Orders};
use crate::{
    CreatedOrder, DeviceId, DeviceMark, Error, HttpRetry, ListedPayment, Payment, PaymentStatus,
    generated::types::OrderRequest, wire::Object,
};

/// What becomes of one create.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Answered,
    /// Carried out; the answer is lost.
    Lost,
    /// The answer is lost, and the order comes into being this many milliseconds later.
    Late(u64),
    /// Nothing is carried out, and nothing said.
    Swallowed,
    Status(u16),
    /// A 503 of somebody in between; the order comes into being this many milliseconds later.
    BusyAndLate(u64),
    Refused,
    /// Carried out at once, answered never.
    Hangs,
    /// Carried out after so many milliseconds, and answered after as many again.
    Slow(u64),
}

/// An API in memory, in which each create meets the next fate.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) started: Instant,
    pub(super) fates: Mutex<VecDeque<Fate>>,
    /// With the moment from which each can be seen.
    pub(super) orders: Mutex<Vec<(Instant, Payment)>>,
    pub(super) creates: AtomicUsize,
    pub(super) lists: AtomicUsize,
    pub(super) list_fails: AtomicBool,
    pub(super) list_hangs: AtomicBool,
    /// Each look fails with a chance of one in three.
    pub(super) list_flickers: Mutex<Option<SmallRng>>,
    /// Further rows, as they are.
    pub(super) odd: Mutex<Vec<String>>,
    /// The list leaves `internal_data` out.
    pub(super) unmarked: bool,
    pub(super) device: DeviceId,
    pub(super) policy: HttpRetry,
    /// How long an order takes from its creation into the list.
    pub(super) lag: Duration,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            fates: Mutex::default(),
            orders: Mutex::default(),
            creates: AtomicUsize::default(),
            lists: AtomicUsize::default(),
            list_fails: AtomicBool::default(),
            list_hangs: AtomicBool::default(),
            list_flickers: Mutex::default(),
            odd: Mutex::default(),
            unmarked: false,
            device: Uuid::from_u128(1).into(),
            policy: HttpRetry::default(),
            lag: Duration::ZERO,
        }
    }
}

impl Api {
    pub(super) fn with(fates: impl IntoIterator<Item = Fate>) -> Self {
        Self { fates: Mutex::new(fates.into_iter().collect()), ..Self::default() }
    }

    pub(super) fn counts(&self) -> (usize, usize) {
        (self.creates.load(Ordering::SeqCst), self.lists.load(Ordering::SeqCst))
    }

    pub(super) fn commit(&self, request: &OrderRequest, after: u64) -> CreatedOrder {
        let mut orders = self.orders.lock().unwrap();
        let number = orders.len() as u128 + 1;
        let committed = Instant::now() + Duration::from_millis(after);
        let json = include_str!("../../../../../tests/samples/websocket_message_CO.json");
        let mut payment: Payment = serde_json::from_str(json).unwrap();
        payment.identifier = Uuid::from_u128(number);
        payment.created_at = Some((DateTime::UNIX_EPOCH + (committed - self.started)).into());
        payment.internal_data = request.internal_data.as_deref().cloned();
        payment.currency_id = request.input_currency.clone();
        let onchain = payment.currency_id.is_some();
        payment.status = if onchain { PaymentStatus::Pe } else { PaymentStatus::Nr };
        payment.address = onchain.then(|| format!("address-{number}"));
        payment.tag_memo = Some(String::new());
        [payment.confirmed_amount, payment.unconfirmed_amount, payment.received_amount] = [None; 3];
        payment.transactions = None;
        payment.crypto_amount = onchain.then(|| "0.5".parse().unwrap());
        let created = CreatedOrder {
            address: payment.address.clone(),
            expected_input_amount: payment.crypto_amount,
            fiat: payment.fiat.clone(),
            identifier: payment.identifier,
            input_currency: payment.currency_id.clone(),
            language: None,
            need_dni: None,
            notes: None,
            payment_uri: onchain.then(|| format!("bitcoin:address-{number}?amount=0.5")),
            rate: None,
            reference: None,
            tag_memo: payment.tag_memo.clone(),
            web_url: Some(format!("https://pay.example/{number}/")),
        };
        orders.push((committed, payment));
        created
    }

    /// The orders whose address or page somebody could pay to: those that nobody knows of do not count.
    pub(super) fn payable(&self) -> usize {
        let orders = self.orders.lock().unwrap();
        let replaced: Vec<Uuid> = orders.iter().filter_map(|(_, payment)| payment.replaces()).collect();
        orders.iter().filter(|(_, payment)| !replaced.contains(&payment.identifier)).count()
    }

    /// What the list shows, newest first.
    pub(super) fn listed(&self) -> Vec<Payment> {
        let orders = self.orders.lock().unwrap();
        let seen = orders.iter().rev().filter(|(at, _)| *at + self.lag <= Instant::now());
        let mut list: Vec<Payment> = seen.map(|(_, payment)| payment.clone()).collect();
        if self.unmarked {
            list.iter_mut().for_each(|payment| payment.internal_data = None);
        }
        list
    }

    fn rows(&self) -> Vec<String> {
        self.listed().iter().map(|payment| serde_json::to_string(payment).unwrap()).collect()
    }

    /// Puts an order of the list aside, and a row in its place in which one field is odd.
    pub(super) fn make_odd(&self, index: usize, field: &str, value: &str) {
        let (_, payment) = self.orders.lock().unwrap().remove(index);
        let mut row: std::collections::BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(&serde_json::to_string(&payment).unwrap()).unwrap();
        row.insert(field.to_owned(), RawValue::from_string(value.to_owned()).unwrap());
        self.odd.lock().unwrap().push(serde_json::to_string(&row).unwrap());
    }

    pub(super) fn change(&self, index: usize, change: impl FnOnce(&mut Payment)) {
        change(&mut self.orders.lock().unwrap()[index].1);
    }
}

impl Orders for Api {
    async fn create(&self, request: &OrderRequest) -> Result<CreatedOrder, Error> {
        self.creates.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let fate = self.fates.lock().unwrap().pop_front().unwrap_or(Fate::Answered);
        match fate {
            Fate::Answered => Ok(self.commit(request, 0)),
            Fate::Lost => {
                self.commit(request, 0);
                Err(Error::Timeout)
            }
            Fate::Late(milliseconds) => {
                self.commit(request, milliseconds);
                Err(Error::Timeout)
            }
            Fate::Swallowed => Err(Error::Timeout),
            Fate::Status(status) => Err(Error::ServerError { status }),
            Fate::BusyAndLate(milliseconds) => {
                self.commit(request, milliseconds);
                Err(Error::ServerError { status: 503 })
            }
            Fate::Slow(milliseconds) => {
                sleep(Duration::from_millis(milliseconds)).await;
                let created = self.commit(request, 0);
                sleep(Duration::from_millis(milliseconds)).await;
                Ok(created)
            }
            Fate::Refused => Err(Error::Refused { status: 404, detail: None }),
            Fate::Hangs => {
                self.commit(request, 0);
                std::future::pending().await
            }
        }
    }

    async fn list(&self, query: KeyQuery, _: Attempts) -> Result<Vec<KeyRow>, Error> {
        self.lists.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        if self.list_fails.load(Ordering::SeqCst) {
            return Err(Error::ServerError { status: 500 });
        }
        if self.list_hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let flicker = self.list_flickers.lock().unwrap().as_mut().map(|chance| chance.random_range(0..12));
        match flicker {
            Some(0) => return Err(Error::RateLimited { retry_after: Some(Duration::from_secs(2)) }),
            Some(1) => return Err(Error::ServerError { status: 503 }),
            Some(2) => return Err(Error::Unexpected { reason: "a page".to_owned() }),
            Some(3) => {
                sleep(Duration::from_secs(5)).await;
                return Err(Error::Timeout);
            }
            _ => {}
        }
        let rows = self.rows().into_iter().chain(self.odd.lock().unwrap().clone());
        let read = |row: String| {
            let object = Object::parse(&row).unwrap();
            query.read(&ListedPayment::of(&object))
        };
        Ok(rows.filter_map(read).collect())
    }

    fn policy(&self) -> HttpRetry {
        self.policy
    }

    fn device(&self) -> DeviceMark {
        self.device.mark()
    }
}
