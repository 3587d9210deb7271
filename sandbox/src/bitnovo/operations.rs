//! The five operations of the API, from a request that was read to the answer that would be sent.

use axum::http::{Method, StatusCode};
use uuid::Uuid;

use crate::{
    bitnovo::catalogue::{CATALOGUE, Currency},
    bitnovo::order::Device,
    bitnovo::payment_json,
    bitnovo::python_json::Json,
    bitnovo::simulation::BitnovoSimulation,
    bitnovo::validate::{self, Malformed},
};

/// A request to the API, read in full.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Without `/api/v1`.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) device: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: bytes::Bytes,
}

/// What the API answers.
#[derive(Debug)]
pub(crate) struct ApiResponse {
    pub(crate) status: StatusCode,
    pub(crate) body: Json,
}

impl ApiResponse {
    fn ok(body: Json) -> Self {
        Self { status: StatusCode::OK, body }
    }

    /// A refusal with its reason.
    pub(crate) fn refusal(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, body: Json::detail(detail) }
    }
}

impl From<Malformed> for ApiResponse {
    fn from(Malformed(body): Malformed) -> Self {
        Self { status: StatusCode::BAD_REQUEST, body }
    }
}

/// What a path names.
enum Resource<'a> {
    Currencies,
    Orders,
    Info(&'a str),
    Devices,
}

impl<'a> Resource<'a> {
    /// Trailing slashes are part of the names: with for collections that take a POST, without for the others.
    fn of(path: &'a str) -> Option<Self> {
        match path {
            "/currencies" => Some(Self::Currencies),
            "/orders/" => Some(Self::Orders),
            "/device/" => Some(Self::Devices),
            _ => path
                .strip_prefix("/orders/info/")
                .filter(|id| !id.is_empty() && !id.contains('/'))
                .map(Self::Info),
        }
    }
}

/// Carries `call` out.
pub(crate) fn answer(state: &BitnovoSimulation, call: &Call) -> ApiResponse {
    let Some(resource) = Resource::of(&call.path) else {
        let detail = "Not found. The paths are /currencies, /orders/, /orders/info/{identifier} and /device/; \
                      their trailing slashes matter.";
        return ApiResponse::refusal(StatusCode::NOT_FOUND, detail);
    };
    let device = match authenticate(state, call.device.as_deref()) {
        Ok(device) => device,
        Err(refusal) => return refusal,
    };
    let post = call.method == Method::POST;
    if post && !call.content_type.as_deref().is_some_and(is_json) {
        let sent = call.content_type.as_deref().unwrap_or_default();
        let detail = format!("Unsupported media type \"{sent}\" in request. Send application/json.");
        return ApiResponse::refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
    }
    match (resource, &call.method) {
        (Resource::Currencies, &Method::GET) => currencies(state),
        (Resource::Orders, &Method::POST) => create(state, &call.body, device),
        (Resource::Orders, &Method::GET) => list(state, &call.query),
        (Resource::Info(identifier), &Method::GET) => info(state, identifier),
        (Resource::Devices, &Method::POST) => add_device(state, &call.body),
        (_, method) => {
            ApiResponse::refusal(StatusCode::METHOD_NOT_ALLOWED, format!("Method \"{method}\" not allowed."))
        }
    }
}

fn is_json(content_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

fn authenticate(state: &BitnovoSimulation, header: Option<&str>) -> Result<Device, ApiResponse> {
    let refused = |detail| ApiResponse::refusal(StatusCode::FORBIDDEN, detail);
    let header = header.ok_or_else(|| refused("Authentication credentials were not provided."))?;
    let device = Uuid::try_parse(header).ok().and_then(|id| state.with(|world, _| world.device(id).cloned()));
    device.ok_or_else(|| refused("The device is not known here."))
}

fn currencies(state: &BitnovoSimulation) -> ApiResponse {
    let show = |currency: &Currency| {
        Json::object([
            ("symbol", currency.symbol.into()),
            ("name", currency.name.into()),
            ("min_amount", currency.min_amount.to_string().into()),
            ("max_amount", currency.max_amount.map(|max| max.to_string()).into()),
            ("image", format!("{}/media/{}.svg", state.shared.base_url, currency.symbol).into()),
            ("blockchain", currency.blockchain.into()),
        ])
    };
    ApiResponse::ok(Json::Array(CATALOGUE.iter().map(show).collect()))
}

fn create(state: &BitnovoSimulation, body: &[u8], device: Device) -> ApiResponse {
    let asked = match validate::order(body) {
        Ok(asked) => asked,
        Err(malformed) => return malformed.into(),
    };
    let created = state.with(|world, now| {
        world.create(asked, device, now).map(|order| payment_json::created(order, &state.shared.base_url))
    });
    match created {
        Ok(body) => ApiResponse::ok(body),
        Err(reason) => ApiResponse::refusal(StatusCode::NOT_FOUND, reason),
    }
}

/// Carries a create out when so many milliseconds have passed; one that would be refused comes to nothing.
pub(crate) fn create_later(state: &BitnovoSimulation, call: &Call, milliseconds: u64) {
    let device = authenticate(state, call.device.as_deref());
    if let (Ok(device), Ok(asked)) = (device, validate::order(&call.body)) {
        state.with(|world, now| world.create_later(asked, device, now, milliseconds));
    }
}

fn list(state: &BitnovoSimulation, query: &str) -> ApiResponse {
    let payments = state.with(|world, now| {
        let range = validate::range(query, now.date_naive())?;
        Ok::<_, Malformed>(world.between(range).map(payment_json::payment).collect())
    });
    payments.map_or_else(ApiResponse::from, |payments| ApiResponse::ok(Json::Array(payments)))
}

/// An array that holds the one payment: so the API answers.
fn info(state: &BitnovoSimulation, identifier: &str) -> ApiResponse {
    let found = Uuid::try_parse(identifier).ok();
    let payment = found.and_then(|id| state.with(|world, _| world.find(id).map(payment_json::payment)));
    match payment {
        Some(payment) => ApiResponse::ok(Json::Array(vec![payment])),
        None => ApiResponse::refusal(StatusCode::NOT_FOUND, "Not found."),
    }
}

fn add_device(state: &BitnovoSimulation, body: &[u8]) -> ApiResponse {
    match validate::device(body) {
        Ok(name) => {
            let identifier = state.with(|world, _| world.add_device(name.clone()));
            ApiResponse::ok(Json::object([("name", name.into()), ("identifier", identifier.into())]))
        }
        Err(malformed) => malformed.into(),
    }
}
