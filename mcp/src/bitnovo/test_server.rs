//! A server of Bitnovo's tools alone, for tests.

use std::sync::Arc;

use crate::bitnovo::{context::Context, fields, tools};
use crate::config::{Config, Offer};
use crate::protocol::registry::{Row, Selection};
use crate::protocol::server::{Parts, Server};

pub(super) const OFFER: Offer =
    Offer { tools: || tools::ROWS.iter().map(Row::known).collect(), fields: &[&fields::FIELDS] };

pub(super) async fn start(config: Config) -> (Arc<Context>, Server) {
    let config = Arc::new(config);
    let context = Arc::new(Context::start(Arc::clone(&config)).await.unwrap());
    let server = Server::new(Parts {
        title: "Test",
        backends: vec![Arc::clone(&context) as _],
        routes: tools::routes(&context),
        selection: Selection::of(&config),
        language: config.forms.language,
        redaction: Arc::clone(&config.redaction),
    });
    (context, server)
}
