//! Everything the simulation remembers: devices, orders, and which timers wait for the clock.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use crate::{
    bitnovo::action::{self, Action},
    bitnovo::catalogue::{self, Currency},
    bitnovo::order::{Device, Order, OrderRequest, Quote},
    bitnovo::order_status::OrderStatus,
    bitnovo::payment_json,
    bitnovo::scenario::{self, OrderEvent},
    clock::FURTHEST,
    seed::Seed,
};

/// Why an action was not carried out; the text is for the caller.
#[derive(Debug)]
pub(crate) enum ActionRefusal {
    /// There is no such order.
    Unknown,
    /// It cannot be done now, or not like this.
    Impossible(String),
}

impl From<String> for ActionRefusal {
    fn from(reason: String) -> Self {
        Self::Impossible(reason)
    }
}

/// A payment that has changed, as the WebSocket sends it.
#[derive(Clone)]
pub(crate) struct Change {
    pub(crate) identifier: Uuid,
    pub(crate) payment: String,
}

/// A change, and the body of its webhook when it has one.
pub(crate) struct Notice {
    pub(crate) change: Change,
    pub(crate) webhook: Option<String>,
}

/// The simulated merchant and blockchain.
pub(crate) struct World {
    seed: Seed,
    /// Counts all orders and devices ever made, so that no identifier comes twice, not even after a reset.
    made: u64,
    device_id: Uuid,
    devices: HashMap<Uuid, Device>,
    orders: Vec<Order>,
    places: HashMap<Uuid, usize>,
    codes: HashMap<String, Uuid>,
    due: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
    /// Orders whose time is still to come, the next one last.
    late: Vec<(DateTime<Utc>, OrderRequest, Device)>,
    notices: Vec<Notice>,
}

impl World {
    pub(crate) fn new(seed: Seed, device_id: Uuid) -> Self {
        let mut world = Self {
            seed,
            made: 0,
            device_id,
            devices: HashMap::new(),
            orders: Vec::new(),
            places: HashMap::new(),
            codes: HashMap::new(),
            due: BinaryHeap::new(),
            late: Vec::new(),
            notices: Vec::new(),
        };
        world.reset();
        world
    }

    /// Forgets every order and extra device.
    pub(crate) fn reset(&mut self) {
        self.orders.clear();
        self.places.clear();
        self.codes.clear();
        self.due.clear();
        self.late.clear();
        self.devices.clear();
        self.devices.insert(self.device_id, Device { number: 1, name: "Sandbox shop".to_owned() });
    }

    /// The device with this id.
    pub(crate) fn device(&self, id: Uuid) -> Option<&Device> {
        self.devices.get(&id)
    }

    /// Registers a device and returns its id.
    pub(crate) fn add_device(&mut self, name: String) -> Uuid {
        let id = self.seed.uuid("device", self.count());
        let number = i64::try_from(self.devices.len()).unwrap_or(i64::MAX).saturating_add(1);
        self.devices.insert(id, Device { number, name });
        id
    }

    fn count(&mut self) -> u64 {
        self.made = self.made.wrapping_add(1);
        self.made
    }

    /// Creates an order; with a currency it waits for funds at once.
    ///
    /// # Errors
    /// The currency is unknown, or the amount lies outside its limits.
    pub(crate) fn create(
        &mut self,
        asked: OrderRequest,
        device: Device,
        now: DateTime<Utc>,
    ) -> Result<&Order, String> {
        let currency = asked.input_currency.as_deref().map(|symbol| known(symbol)).transpose()?;
        let identifier = self.seed.uuid("order", self.count());
        let mut order = Order {
            identifier,
            code: self.unused_code(identifier),
            device,
            asked,
            created_at: now,
            edited_at: now,
            status: OrderStatus::NR,
            quote: None,
            transactions: Vec::new(),
            accepted_at: None,
            safe: false,
            revision: 0,
        };
        if let Some(currency) = currency {
            self.choose(&mut order, currency, now)?;
        }
        let place = self.orders.len();
        self.codes.insert(order.code.clone(), identifier);
        self.places.insert(identifier, place);
        self.orders.push(order);
        self.wait_for_timer(place);
        self.orders.last().ok_or_else(|| "The order was lost.".to_owned())
    }

    /// Creates an order when so many milliseconds have passed.
    pub(crate) fn create_later(
        &mut self,
        asked: OrderRequest,
        device: Device,
        now: DateTime<Utc>,
        milliseconds: u64,
    ) {
        let delay = i64::try_from(milliseconds).ok().and_then(TimeDelta::try_milliseconds);
        let at = now + delay.filter(|delay| *delay <= FURTHEST).unwrap_or(FURTHEST);
        self.late.push((at, asked, device));
        self.late.sort_by_key(|(at, ..)| Reverse(*at));
    }

    fn unused_code(&self, identifier: Uuid) -> String {
        let mut number = self.seed.number("checkout", identifier.as_bytes());
        while self.codes.contains_key(&format!("{number:08x}")) {
            number = number.wrapping_add(1);
        }
        format!("{number:08x}")
    }

    fn choose(
        &self,
        order: &mut Order,
        currency: &'static Currency,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let amount = currency.quote(order.asked.fiat_amount, &order.asked.fiat)?;
        let (network, which) = (currency.coin.network, order.identifier);
        // As custodians do: one address for all orders where a tag distinguishes them.
        let (address, tag_memo) = if network.needs_tag() {
            let tag = 100_000_000 + self.seed.number("tag", which.as_bytes()) % 900_000_000;
            (network.address(self.seed.bytes("address", currency.symbol.as_bytes())), tag.to_string())
        } else {
            (network.address(self.seed.bytes("address", which.as_bytes())), String::new())
        };
        let payment_uri = network.payment_uri(&address, &tag_memo, amount);
        let expires_at = now + TimeDelta::minutes(currency.coin.expiry_minutes);
        scenario::step(order, OrderEvent::CurrencyChosen, now)?;
        order.quote = Some(Quote { currency, amount, address, tag_memo, payment_uri, expires_at });
        Ok(())
    }

    /// The customer chooses a currency on the checkout page.
    ///
    /// # Errors
    /// There is no such order or currency, one was chosen before, or the amount lies outside its limits.
    pub(crate) fn choose_currency(
        &mut self,
        id: Uuid,
        symbol: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ActionRefusal> {
        let currency = known(symbol)?;
        let mut order = self.find(id).ok_or(ActionRefusal::Unknown)?.clone();
        self.choose(&mut order, currency, now)?;
        self.update(order);
        Ok(())
    }

    /// Does `action` to an order. Paying one without a currency chooses `currency` first, or else BTC.
    ///
    /// # Errors
    /// There is no such order, or the action is not possible in the order's status; nothing has changed then.
    pub(crate) fn perform(
        &mut self,
        id: Uuid,
        action: &Action,
        currency: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<&Order, ActionRefusal> {
        let mut order = self.find(id).ok_or(ActionRefusal::Unknown)?.clone();
        let mut chosen = None;
        match (&order.quote, currency) {
            (None, _) if order.status == OrderStatus::NR && matches!(action, Action::Pay(_)) => {
                self.choose(&mut order, known(currency.unwrap_or("BTC"))?, now)?;
                chosen = Some(order.clone());
            }
            (Some(quote), Some(symbol)) if quote.currency.symbol != symbol => {
                return Err(format!(
                    "This payment is to be made in {}, not in {symbol}.",
                    quote.currency.symbol
                )
                .into());
            }
            _ => {}
        }
        action::perform(&mut order, action, now, self.seed)?;
        if let Some(chosen) = chosen {
            self.update(chosen);
        }
        self.update(order);
        self.find(id).ok_or(ActionRefusal::Unknown)
    }

    /// The changes since the last call, oldest first.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Lets everything happen that is due by `now`, each at its own time.
    pub(crate) fn settle(&mut self, now: DateTime<Utc>) {
        while let Some((at, asked, device)) = self.late.pop_if(|(at, ..)| *at <= now) {
            self.settle_timers(at);
            // The request has been answered: a refusal has no recipient.
            let _ = self.create(asked, device, at);
        }
        self.settle_timers(now);
    }

    fn settle_timers(&mut self, now: DateTime<Utc>) {
        while let Some(&Reverse((at, place))) = self.due.peek().filter(|Reverse((at, _))| *at <= now) {
            self.due.pop();
            let Some(mut order) = self.orders.get(place).cloned() else {
                continue;
            };
            // An entry outlives its timer when something else happened first.
            if let Some((_, timer)) = scenario::due(&order).filter(|(due, _)| *due == at)
                && scenario::fire(&mut order, timer, at, self.seed).is_ok()
            {
                self.update(order);
            }
        }
    }

    /// Stores a changed order, and notes the notifications that follow.
    fn update(&mut self, mut changed: Order) {
        let Some(&place) = self.places.get(&changed.identifier) else {
            return;
        };
        let Some(order) = self.orders.get_mut(place) else {
            return;
        };
        let moved = order.status != changed.status;
        let released = changed.status == OrderStatus::AC && order.safe != changed.safe;
        let announced = (moved && changed.status != OrderStatus::IA) || (!moved && released);
        changed.revision = order.revision.wrapping_add(1);
        self.notices.push(Notice {
            change: Change {
                identifier: changed.identifier,
                payment: payment_json::payment(&changed).compact(),
            },
            webhook: announced.then(|| payment_json::webhook(&changed).dumps()),
        });
        *order = changed;
        self.wait_for_timer(place);
    }

    fn wait_for_timer(&mut self, place: usize) {
        if let Some((at, _)) = self.orders.get(place).and_then(scenario::due) {
            self.due.push(Reverse((at, place)));
        }
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<&Order> {
        self.orders.get(*self.places.get(&id)?)
    }

    /// The order of a checkout page.
    pub(crate) fn find_by_code(&self, code: &str) -> Option<&Order> {
        self.find(*self.codes.get(code)?)
    }

    /// All orders, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Order> {
        self.orders.iter().rev()
    }

    /// The orders of a range of days in UTC, both inclusive, newest first.
    pub(crate) fn between(&self, (start, end): (NaiveDate, NaiveDate)) -> impl Iterator<Item = &Order> {
        self.newest_first().filter(move |order| (start..=end).contains(&order.created_at.date_naive()))
    }
}

fn known(symbol: &str) -> Result<&'static Currency, String> {
    catalogue::find(symbol).ok_or_else(|| format!("The currency {symbol} is not available."))
}
