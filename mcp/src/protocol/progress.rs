//! Telling the caller how far a long call is, when it has asked for that.

use std::time::Duration;

use rmcp::{
    Peer, RoleServer,
    model::{ProgressNotificationParam, ProgressToken},
    service::RequestContext,
};

/// The way back to whoever waits for a call. Nothing is sent to somebody who gave no token.
#[derive(Clone, Default)]
pub(crate) struct Progress(Option<(Peer<RoleServer>, ProgressToken)>);

impl Progress {
    pub(crate) fn of(context: &RequestContext<RoleServer>) -> Self {
        Self(context.meta.get_progress_token().map(|token| (context.peer.clone(), token)))
    }

    /// Says how much of the time has passed, and what there is to say about it.
    pub(crate) async fn tell(&self, passed: Duration, of: Duration, message: String) {
        let Some((peer, token)) = &self.0 else { return };
        // The last look may come a little late, and no progress is more than the whole.
        let passed = passed.min(of);
        let progress = ProgressNotificationParam::new(token.clone(), passed.as_secs_f64())
            .with_total(of.as_secs_f64())
            .with_message(message);
        // Whoever has gone needs no news.
        let _ = peer.notify_progress(progress).await;
    }
}
