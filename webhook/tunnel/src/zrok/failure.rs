//! What zrok's last output means: whether to try again, and how to fix it.

use super::{
    super::{
        process::{ProgramExit, SpawnError},
        provider::TunnelError,
    },
    Generation,
};

/// Why no tunnel was opened.
pub(super) enum ZrokFailure {
    /// This machine has to be enabled first.
    NotEnabled,
    /// Anything else.
    Other(TunnelError),
}

impl From<TunnelError> for ZrokFailure {
    fn from(error: TunnelError) -> Self {
        Self::Other(error)
    }
}

impl ZrokFailure {
    pub(super) fn judge(generation: Generation, exit: &ProgramExit) -> Self {
        // "did you 'zrok enable'?", "run 'zrok2 enable' first"
        if exit.output.contains("enable'") {
            Self::NotEnabled
        } else {
            Self::Other(refused(generation, exit))
        }
    }
}

fn is_unauthorized(said: &str) -> bool {
    said.contains("[401]") || said.contains("nauthorized")
}

fn is_conflict(said: &str) -> bool {
    said.contains("[409]") || said.contains("onflict")
}

/// Whether a name cannot be reserved because it is taken, perhaps by this account.
pub(super) fn names_a_taken_name(exit: &ProgramExit) -> bool {
    is_conflict(&exit.output) && !is_final(&exit.output)
}

/// Whether the service has refused the very thing that was asked for.
pub(super) fn is_refused(exit: &ProgramExit) -> bool {
    let said = exit.output.as_str();
    is_conflict(said) || is_unauthorized(said) || said.contains("[404]") || said.contains("NotFound")
}

/// Whether the output names what has to be changed.
fn is_final(said: &str) -> bool {
    [
        "limit reached",
        "not a valid",
        "invalid unique name",
        "unknown flag",
        "unknown shorthand",
        "unknown command",
    ]
    .iter()
    .any(|text| said.contains(text))
}

/// What follows from how zrok ended.
pub(super) fn refused(generation: Generation, exit: &ProgramExit) -> TunnelError {
    let program = generation.program();
    let said = exit.output.as_str();
    if is_unauthorized(said) {
        TunnelError::permanent(format!(
            "zrok does not know this machine any more. Run \"{program} disable\", then \"{program} enable TOKEN\" with \
             the account token from https://myzrok.io. {program} said: {said}"
        ))
    } else if said.contains("unknown") && is_final(said) {
        TunnelError::permanent(format!(
            "This {program} is too old. Install a newer one as https://docs.zrok.io/docs/guides/install/ says. It said: \
             {said}"
        ))
    } else if is_final(said) {
        TunnelError::permanent(format!("{program} refuses: {said}"))
    } else if is_conflict(said) || said.contains("busy") || said.contains("[429]") || said.contains("[503]") {
        TunnelError::slow(format!("{program} has opened no tunnel: {exit}."))
    } else {
        TunnelError::passing(format!("{program} has opened no tunnel: {exit}."))
    }
}

/// The name could neither be made ours nor be used. With zrok it is another account's. With zrok2 it may still be held by
/// our own tunnel from before, for a while.
pub(super) fn taken(generation: Generation, name: &str, exit: &ProgramExit) -> TunnelError {
    let program = generation.program();
    match generation {
        Generation::One => TunnelError::permanent(format!(
            "ZROK_UNIQUE_NAME \"{name}\" belongs to another account, or to another machine of this one. Choose another \
             name, or run \"{program} release {name}\" there. {program} said: {}",
            exit.output
        )),
        Generation::Two => TunnelError::slow(format!(
            "ZROK_UNIQUE_NAME \"{name}\" is in use, by another account or by a tunnel that is still open. If this goes \
             on, choose another name. {program} said: {}",
            exit.output
        )),
    }
}

/// The account's token did not enable this machine.
pub(super) fn token_refused(generation: Generation, exit: &ProgramExit) -> TunnelError {
    let program = generation.program();
    if is_unauthorized(&exit.output) {
        TunnelError::permanent(format!(
            "zrok refuses ZROK_TOKEN. Copy the account token from https://myzrok.io; {program} said: {}",
            exit.output
        ))
    } else {
        TunnelError::passing(format!("{program} could not be enabled: {exit}."))
    }
}

pub(super) fn not_enabled(generation: Generation) -> TunnelError {
    let program = generation.program();
    TunnelError::permanent(format!(
        "{program} is not enabled on this machine. Run \"{program} enable TOKEN\" once, with the account token from \
         https://myzrok.io; or set ZROK_TOKEN to it, and it is run for you."
    ))
}

pub(super) fn not_started(generation: Generation, error: SpawnError) -> TunnelError {
    let program = generation.program();
    match error {
        SpawnError::Missing => TunnelError::passing(format!("{program} was there and is gone.")),
        SpawnError::Other(ref cause) => {
            TunnelError { kind: error.kind(), message: format!("{program} cannot be started: {cause}.") }
        }
    }
}
