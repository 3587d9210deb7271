//! The MCP server: lists the tools, routes calls, answers resource reads.

use std::{borrow::Cow, sync::Arc};

use payments_core::{Language, clean_text};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, CustomRequest, CustomResult, ErrorCode,
        Implementation, InitializeRequestParams, InitializeResult, ListResourceTemplatesResult,
        ListResourcesResult, ListToolsResult, PaginatedRequestParams, ProtocolVersion,
        ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ResourceContents,
        ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde_json::{Map, Value, json};

use crate::answer::failure::Failure;
use crate::answer::reply::{Answer, Picture, into_result};
use crate::protocol::backend::Backend;
use crate::protocol::elicitation;
use crate::protocol::elicitation::{Elicitation, Elicited};
use crate::protocol::progress::Progress;
use crate::protocol::registry::{Selection, Unlisted};
use crate::protocol::route::{Caller, Route};
use crate::safety::redaction::Redaction;
use crate::safety::untrusted_text::{reveal, shortened, visible};

/// The revisions that are spoken, the oldest first. 2025-03-26 is not: it obliges a server to take batches.
const REVISIONS: &[ProtocolVersion] = &[
    ProtocolVersion::V_2024_11_05,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2026_07_28,
];

/// What a server is made of.
pub(crate) struct Parts {
    /// The name of the server, for people.
    pub(crate) title: &'static str,
    /// Everything that offers tools or resources, in the order in which clients see it.
    pub(crate) backends: Vec<Arc<dyn Backend>>,
    /// The tools of these.
    pub(crate) routes: Vec<Route>,
    pub(crate) selection: Selection,
    pub(crate) language: Language,
    pub(crate) redaction: Arc<Redaction>,
}

/// One MCP server. Cloning it is cheap, so that every session can have its own.
#[derive(Clone)]
pub(crate) struct Server(Arc<Parts>);

impl Server {
    pub(crate) fn new(mut parts: Parts) -> Self {
        parts.routes.sort_by_key(|route| route.row.available);
        Self(Arc::new(parts))
    }

    /// Every tool, in the order of the list.
    pub(crate) fn routes(&self) -> &[Route] {
        &self.0.routes
    }

    /// Why `tools/list` does not show the tool; `None` when it does.
    pub(crate) fn unlisted(&self, route: &Route) -> Option<Unlisted> {
        let is_provider = |backend: &dyn Backend| backend.provider().is_some();
        let hidden = is_provider(route.backend())
            && !route.backend().is_configured()
            && self.0.backends.iter().any(|other| is_provider(&**other) && other.is_configured());
        if hidden { Some(Unlisted::NotConfigured) } else { self.0.selection.unlisted(&route.row) }
    }

    /// The tools that `tools/list` shows, in its order.
    pub(crate) fn tools(&self) -> Vec<Tool> {
        self.routes()
            .iter()
            .filter(|route| self.unlisted(route).is_none())
            .map(|route| route.tool.clone())
            .collect()
    }

    fn route(&self, name: &str) -> Option<&Route> {
        self.routes().iter().find(|route| route.row.name == name)
    }

    /// A text of the client, for a message.
    fn masked(&self, text: String) -> String {
        self.0.redaction.masked(&text).unwrap_or(text)
    }

    /// Calls a tool by name; `None` when there is no such tool.
    pub(crate) async fn call(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        caller: Caller,
    ) -> Option<Result<Answer, Failure>> {
        Some(self.route(name)?.call(&self.0.selection, caller, arguments).await)
    }

    /// The result of a call in the form of the protocol.
    pub(crate) fn render(&self, name: &str, result: Result<Answer, Failure>) -> CallToolResult {
        let sandbox = self.route(name).is_some_and(|route| route.backend().is_sandbox());
        into_result(result, self.0.language, sandbox, &self.0.redaction)
    }

    /// The same for a client, behind which there may be a person to ask; `None` when there is no such tool.
    async fn respond(
        &self,
        request: CallToolRequestParams,
        elicitation: Elicitation,
        progress: Progress,
    ) -> Option<CallToolResponse> {
        let name = request.name.clone();
        let (mut arguments, declined) = elicitation::arguments(request);
        let mut caller = Caller { progress, declined };
        let mut result = self.call(&name, arguments.clone(), caller.clone()).await?;
        if let Err(Failure { confirmation: Some(question), .. }) = &result {
            match elicitation.ask(question, &self.0.redaction).await {
                Elicited::Approved => {}
                // The call is made all the same: what another has created meanwhile exists, whatever was said here.
                Elicited::Declined(declined) => caller.declined = Some(declined),
                Elicited::Pending(interim) => return Some(interim.into()),
                Elicited::Unsupported => {
                    return Some(self.render(&name, result).into());
                }
            }
            elicitation::with_token(&mut arguments, question.token.clone());
            result = self.call(&name, arguments, caller).await?;
        }
        Some(self.render(&name, result).into())
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        let implementation =
            Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")).with_title(self.0.title);
        let instructions: Vec<&str> =
            self.0.backends.iter().filter_map(|backend| backend.instructions()).collect();
        ServerConfig::new(capabilities)
            .with_server_info(implementation)
            .with_instructions(instructions.join("\n\n"))
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(REVISIONS)
    }

    async fn initialize(
        &self,
        mut client: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let mut info = self.get_info();
        info.protocol_version = negotiated(&client.protocol_version);
        client.protocol_version = info.protocol_version.clone();
        context.peer.set_peer_info(client);
        Ok(info)
    }

    async fn list_tools(
        &self,
        page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        only_page(page)?;
        Ok(ListToolsResult::with_all_items(self.tools()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.route(name).map(|route| route.tool.clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (name, progress) = (clean_name(&request.name), Progress::of(&context));
        let work = self.respond(request, Elicitation::of(&context), progress);
        // Dropping the work drops its HTTP request and stops its retries: an order must not be created for somebody who
        // has given up. One that was created already is in the dashboard, and the log says when that may be.
        let response = tokio::select! {
            response = work => response,
            () = context.ct.cancelled() => {
                tracing::info!(tool = %name, outcome = "cancelled", "tool call");
                return Err(ErrorData::internal_error("The call was cancelled.", None));
            }
        };
        response
            .ok_or_else(|| ErrorData::invalid_params(format!("Unknown tool: {}", self.masked(name)), None))
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method = self.masked(clean_name(&request.method));
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("Unknown method: {method}"), None))
    }

    async fn list_resources(
        &self,
        page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        only_page(page)?;
        Ok(ListResourcesResult::default())
    }

    async fn list_resource_templates(
        &self,
        page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        only_page(page)?;
        let templates = self.0.backends.iter().flat_map(|backend| backend.resource_templates());
        Ok(ListResourceTemplatesResult::with_all_items(templates.collect()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let mut place = json!({ "uri": clean_text(&request.uri) });
        self.0.redaction.apply(&mut place);
        let mut readings = self
            .0
            .backends
            .iter()
            .filter_map(|backend| Some((backend, backend.read_resource(&request.uri)?)));
        let Some((backend, reading)) = readings.next() else {
            return Err(ErrorData::resource_not_found("Unknown resource", Some(place)));
        };
        match reading.await.map_err(|failure| backend.own(failure)) {
            Ok(picture) => {
                let contents = ResourceContents::blob(Picture::base64(&picture), request.uri)
                    .with_mime_type("image/png");
                Ok(ReadResourceResult::new(vec![contents]).into())
            }
            Err(failure) => {
                let mut data = failure.to_data();
                data.insert("uri".into(), clean_text(&request.uri).into());
                let mut data = Value::Object(data);
                reveal(&mut data);
                let mut message = visible(&failure.message);
                self.0.redaction.apply_to_answer(&mut data, &mut [&mut message]);
                Err(ErrorData::invalid_params(message, Some(data)))
            }
        }
    }
}

/// The revision that a session speaks: the one that the client asks for, or else the newest before it, because a client
/// knows those that came before its own.
fn negotiated(asked: &ProtocolVersion) -> ProtocolVersion {
    let with_handshake = || REVISIONS.iter().rev().filter(|revision| revision.has_initialize());
    let known = with_handshake().find(|revision| revision.as_str() <= asked.as_str());
    known.or_else(|| with_handshake().next()).cloned().unwrap_or(ProtocolVersion::LATEST_WITH_INITIALIZE)
}

/// Every list fits on one page, so that no cursor of ours exists.
fn only_page(page: Option<PaginatedRequestParams>) -> Result<(), ErrorData> {
    match page.and_then(|page| page.cursor) {
        None => Ok(()),
        Some(_) => {
            let message = "params.cursor: there is no such page. The list is complete without a cursor.";
            Err(ErrorData::invalid_params(message, None))
        }
    }
}

/// A name that somebody else wrote, for a message.
fn clean_name(name: &str) -> String {
    shortened(name, 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_speaks_what_the_client_knows() {
        for (asked, spoken) in [
            ("2024-11-05", "2024-11-05"),
            ("2025-03-26", "2024-11-05"),
            ("2025-06-18", "2025-06-18"),
            ("2025-11-25", "2025-11-25"),
            ("2026-07-28", "2025-11-25"),
            ("2099-01-01", "2025-11-25"),
            ("1.0", "2025-11-25"),
            ("", "2025-11-25"),
            ("draft", "2025-11-25"),
        ] {
            let asked: ProtocolVersion = serde_json::from_value(json!(asked)).unwrap();
            assert_eq!(negotiated(&asked).as_str(), spoken, "{asked}");
        }
    }
}
