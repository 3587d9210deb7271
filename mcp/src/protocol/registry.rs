//! The rows of the tools, and which of them the merchant offers.

use crate::answer::failure::{Code, Failure};
use crate::config::{Config, KnownTool, Toolsets};

/// One row of tools/*.toml.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) toolset: &'static str,
    pub(crate) available: Available,
    /// Whether a call can create something that costs money, so that a failure reports whether it did.
    pub(crate) creates: bool,
    pub(crate) read_only: bool,
    pub(crate) destructive: bool,
    pub(crate) idempotent: bool,
    pub(crate) open_world: bool,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
}

impl Row {
    /// The tool, for checking a selection of tools.
    pub(crate) fn known(&self) -> KnownTool {
        KnownTool { tool: self.name, toolset: self.toolset }
    }
}

/// When a tool is listed, in the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Available {
    /// Unless BITNOVO_TOOLSETS leaves it out.
    Always,
    /// Only when webhooks are enabled.
    Webhooks,
    /// Only when BITNOVO_TOOLSETS asks for it.
    Sandbox,
}

/// Why a tool is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unlisted {
    /// It creates something, and the server is read-only.
    ReadOnly,
    /// It needs webhooks, and none are received.
    WithoutWebhooks,
    /// The merchant has selected other tools.
    NotSelected,
    /// Its provider is not set up, and another one is.
    NotConfigured,
}

/// Which tools the merchant has selected.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    read_only: bool,
    webhooks: bool,
    toolsets: Toolsets,
}

impl Selection {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            read_only: config.read_only,
            webhooks: config.wants_webhooks(),
            toolsets: config.toolsets.clone(),
        }
    }

    /// Why `tools/list` does not show the tool; `None` when it does.
    pub(crate) fn unlisted(&self, row: &Row) -> Option<Unlisted> {
        if self.read_only && !row.read_only {
            return Some(Unlisted::ReadOnly);
        }
        if row.available == Available::Webhooks && !self.webhooks {
            return Some(Unlisted::WithoutWebhooks);
        }
        (!self.selects(row)).then_some(Unlisted::NotSelected)
    }

    fn selects(&self, row: &Row) -> bool {
        self.toolsets.allows(row.name, row.toolset, row.available != Available::Sandbox)
    }

    /// Refuses a tool that the merchant does not offer at all. A client may call what it is not shown.
    pub(crate) fn check(&self, row: &Row) -> Result<(), Failure> {
        let hidden = |variable: &str, why: &str| {
            let message = format!("{} is disabled: {why} ({variable}).", row.name);
            Failure::new(Code::LimitExceeded, message).detail("variable", variable)
        };
        if self.read_only && !row.read_only {
            return Err(hidden("BITNOVO_READ_ONLY", "the server is read-only"));
        }
        if self.selects(row) {
            Ok(())
        } else {
            Err(hidden("BITNOVO_TOOLSETS", "the merchant has selected other tools"))
        }
    }
}
