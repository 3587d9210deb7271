//! Reports the progress of a long call to a caller that has asked for it.

use std::time::Duration;

use rmcp::{
    Peer, RoleServer,
    model::{ProgressNotificationParam, ProgressToken},
    service::RequestContext,
};

/// The way back to the caller. Nothing is sent to a caller that gave no token.
#[derive(Clone, Default)]
pub(crate) struct Progress(Option<(Peer<RoleServer>, ProgressToken)>);

impl Progress {
    pub(crate) fn of(context: &RequestContext<RoleServer>) -> Self {
        Self(context.meta.get_progress_token().map(|token| (context.peer.clone(), token)))
    }

    /// Reports how much of the time has passed, with a message.
    pub(crate) async fn report(&self, passed: Duration, of: Duration, message: String) {
        let Some((peer, token)) = &self.0 else { return };
        // The last report may come a little late, and no progress is more than the whole.
        let passed = passed.min(of);
        let progress = ProgressNotificationParam::new(token.clone(), passed.as_secs_f64())
            .with_total(of.as_secs_f64())
            .with_message(message);
        // A caller that has gone needs no report.
        let _ = peer.notify_progress(progress).await;
    }
}
