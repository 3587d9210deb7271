use super::*;

fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
    let head = (u32::try_from(body.len()).unwrap() << 8) | u32::from(kind << 4 | flags);
    [&head.to_be_bytes()[..], &stream.to_be_bytes()[..], body].concat()
}

fn opening(purpose: u32, rest: &[u8]) -> Vec<u8> {
    frame(DATA, SYN, 2, &[&purpose.to_be_bytes()[..], rest].concat())
}

fn described(length: i64, rest: &[u8]) -> Vec<u8> {
    opening(PROXY, &[&length.to_le_bytes()[..], rest].concat())
}

/// What passes when it comes in pieces of this size.
fn passed(bytes: &[u8], piece: usize) -> Result<Vec<u8>, CloseReason> {
    let mut filter = FrameFilter::default();
    for piece in bytes.chunks(piece) {
        filter.pass(piece)?;
    }
    Ok(filter.passed().to_vec())
}

#[test]
fn what_a_session_is_made_of_passes_as_it_is_in_whatever_pieces() {
    let good = [
        frame(WINDOW, 0, 1, &[0, 0, 1, 0]),
        frame(DATA, 0, 1, b"an answer"),
        described(2, b"{}and a request"),
        frame(DATA, FIN, 2, b"the rest"),
        frame(RST, 0, 2, &[0; 4]),
        frame(DATA, SYN, 4, &[&HEARTBEAT.to_be_bytes()[..], b"1234"].concat()),
    ]
    .concat();
    for piece in [1, 2, 7, 64, good.len()] {
        assert_eq!(passed(&good, piece).unwrap(), good, "in pieces of {piece}");
    }
}

#[test]
fn a_connection_passes_once_its_description_is_complete() {
    let mut filter = FrameFilter::default();
    filter.pass(&described(4, b"{}")).unwrap();
    assert!(filter.passed().is_empty());
    filter.pass(&frame(DATA, 0, 2, b"  ")).unwrap();
    assert_eq!(filter.passed().len(), 2 * HEAD + 4 + 8 + 4);
}

#[test]
fn lengths_out_of_range_end_the_session() {
    for length in [-1, i64::MIN, i64::MAX, 1 << 45, 64 * 1024 + 1] {
        assert!(matches!(passed(&described(length, b""), 64), Err(CloseReason::Nonsense(_))), "{length}");
    }
    let endless = [0xff, 0xff, 0xff, DATA << 4, 0, 0, 0, 2];
    assert!(matches!(passed(&endless, 64), Err(CloseReason::Nonsense(_))));
    for kind in 4..16 {
        assert!(matches!(passed(&frame(kind, 0, 2, b"1234"), 64), Err(CloseReason::Nonsense(_))), "{kind}");
    }
}

#[test]
fn commands_to_a_program_of_its_own_are_left_out_and_the_rest_goes_on() {
    let after = frame(DATA, 0, 1, b"after");
    let bytes = [opening(5, b"{"), frame(DATA, FIN, 2, b"}"), after.clone()].concat();
    assert_eq!(passed(&bytes, 5).unwrap(), after);
}

#[test]
fn the_end_of_the_tunnel_is_told_with_its_reason() {
    let stop = opening(STOP_TUNNEL, br#"{"Id":"1","Message":"stopped","ErrorCode":"ERR_NGROK_1"}"#);
    let last = passed(&stop, 3).unwrap_err();
    assert_eq!(last.to_string(), "ngrok has stopped the tunnel: stopped (ERR_NGROK_1)");
    let cut = [opening(STOP_TUNNEL, b"{\"Id"), frame(DATA, FIN, 2, b"")].concat();
    assert_eq!(passed(&cut, 64).unwrap_err().to_string(), "ngrok has stopped the tunnel.");
    let gone = frame(GO_AWAY, 0, 0, &[&[0; 8][..], b"maintenance"].concat());
    assert_eq!(passed(&gone, 64).unwrap_err().to_string(), "ngrok has ended the session: maintenance");
}
