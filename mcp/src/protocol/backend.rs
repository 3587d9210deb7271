//! What stands behind a group of tools, and what it promises about them.

use futures::future::BoxFuture;
use payments_webhook::Provider;
use rmcp::model::ResourceTemplate;

use crate::answer::failure::{Failure, ProviderErrors};
use crate::answer::reply::Picture;
use crate::limits::Gate;

/// A payment provider, or the server itself. The context of a tool implements it, so that every route carries the
/// promises of its own provider.
pub(crate) trait Backend: Send + Sync {
    /// The provider; `None` for the tools of the server itself.
    fn provider(&self) -> Option<Provider>;

    /// The words for errors of the tools, where they differ from those of the server.
    fn errors(&self) -> Option<&'static ProviderErrors>;

    /// A failure of its own, in its words.
    fn own(&self, failure: Failure) -> Failure {
        match self.errors() {
            Some(errors) => failure.of(errors),
            None => failure,
        }
    }

    /// Whether the merchant has set it up, rightly or wrongly. Tools of a provider that is not set up are listed only
    /// while no provider is.
    fn is_configured(&self) -> bool;

    /// Whether no money is real. Results have `sandbox: true` then.
    fn is_sandbox(&self) -> bool;

    /// The merchant's account for the log, masked.
    fn account(&self) -> Option<String> {
        None
    }

    /// How a model takes payments with these tools, in a few sentences.
    fn instructions(&self) -> Option<&'static str> {
        None
    }

    /// The resources that it offers.
    fn resource_templates(&self) -> Vec<ResourceTemplate> {
        Vec::new()
    }

    /// Reads one of its resources; `None` when the URI is not one of them.
    fn read_resource<'a>(&'a self, _uri: &str) -> Option<BoxFuture<'a, Result<Picture, Failure>>> {
        None
    }
}

/// A provider whose tools create something: whatever they create passes its gate.
pub(crate) trait LimitedBackend: Backend {
    /// The limits and the approval in front of every create.
    fn gate(&self) -> &Gate;
}
