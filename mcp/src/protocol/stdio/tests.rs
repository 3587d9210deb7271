//! The desk between a client and the library, which is played here.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};

use super::{in_flight::MOST, *};

struct Client {
    stdin: DuplexStream,
    stdout: tokio::io::Lines<BufReader<DuplexStream>>,
    stdio: Stdio<DuplexStream>,
    gone: CancellationToken,
    stdin_closed: CancellationToken,
    stdout_closed: CancellationToken,
}

impl Client {
    fn new() -> Self {
        let (stdin, input) = tokio::io::duplex(1 << 16);
        let (output, stdout) = tokio::io::duplex(1 << 16);
        let [gone, stdin_closed, stdout_closed] = [(); 3].map(|()| CancellationToken::new());
        let ends = Ends {
            stdin: stdin_closed.clone().cancelled_owned(),
            stdout: stdout_closed.clone().cancelled_owned(),
        };
        let stdio = Stdio::over(input, output, ends, gone.clone());
        Self { stdin, stdout: BufReader::new(stdout).lines(), stdio, gone, stdin_closed, stdout_closed }
    }

    async fn introduced() -> Self {
        let mut client = Self::new();
        client.say(r#"{"jsonrpc":"2.0","id":"hello","method":"initialize"}"#).await;
        let number = client.taken().await;
        client.answer(number).await;
        assert_eq!(client.heard().await["id"], "hello");
        client
    }

    async fn say(&mut self, line: &str) {
        self.stdin.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// The number of the next request that reaches the library.
    async fn taken(&mut self) -> i64 {
        match self.stdio.receive().await {
            Some(ClientJsonRpcMessage::Request(request)) => match request.id {
                RequestId::Number(number) => number,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    async fn answer(&mut self, number: i64) {
        let error = ErrorData::internal_error("answered", None);
        self.stdio.send(ServerJsonRpcMessage::error(error, Some(RequestId::Number(number)))).await.unwrap();
    }

    async fn heard(&mut self) -> Value {
        serde_json::from_str(&self.stdout.next_line().await.unwrap().unwrap()).unwrap()
    }
}

fn ping(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#)
}

#[tokio::test]
async fn an_id_comes_back_as_it_was_sent() {
    let mut client = Client::new();
    for id in ["1", "1.0", "-7", "12345678901234567890123", "1.5", "\"\"", "\"caf\\u00e9\"", "\"\\ufffd\""] {
        client.say(&ping(id)).await;
        let number = client.taken().await;
        client.answer(number).await;
        let line = client.stdout.next_line().await.unwrap().unwrap();
        assert!(line.contains(&format!("\"id\":{id},")), "{line}");
    }
}

#[tokio::test]
async fn the_second_request_with_an_id_that_is_in_use_is_refused() {
    let mut client = Client::introduced().await;
    client.say(&ping("7")).await;
    let first = client.taken().await;
    client.say(&ping("7")).await;
    let refused = client.heard().await;
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(7), &json!(-32600)));
    client.answer(first).await;
    assert_eq!(client.heard().await["id"], 7);
    // Now it is free again.
    client.say(&ping("7")).await;
    let second = client.taken().await;
    assert_ne!(first, second);
    // The same for a call that is cancelled: its late answer belongs to no other.
    client.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#).await;
    assert!(matches!(client.stdio.receive().await, Some(ClientJsonRpcMessage::Notification(_))));
    client.say(&ping("7")).await;
    let third = client.taken().await;
    client.answer(second).await;
    client.answer(third).await;
    client.say(&ping("8")).await;
    let last = client.taken().await;
    client.answer(last).await;
    assert_eq!(
        (client.heard().await["id"].clone(), client.heard().await["id"].clone()),
        (json!(7), json!(8))
    );
}

#[tokio::test]
async fn no_more_requests_are_taken_than_are_answered() {
    let mut client = Client::introduced().await;
    for id in 0..MOST + 20 {
        client.say(&ping(&id.to_string())).await;
    }
    let mut taken = Vec::new();
    for _ in 0..MOST {
        taken.push(client.taken().await);
    }
    let next = tokio::time::timeout(std::time::Duration::from_millis(50), client.taken()).await;
    assert!(next.is_err(), "one more than are worked on at once");
    client.answer(taken[0]).await;
    client.taken().await;
}

#[tokio::test]
async fn a_request_before_initialize_is_told_how_to_begin() {
    let mut client = Client::new();
    client.say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
    client.say(r#"{"jsonrpc":"2.0","id":0,"result":{}}"#).await;
    assert!(matches!(client.stdio.receive().await, Some(ClientJsonRpcMessage::Response(_))));
    client.say(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).await;
    let refused = client.heard().await;
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(1), &json!(-32602)));
    assert!(refused["error"]["message"].as_str().unwrap().contains("Send initialize first"), "{refused}");
    for begins in [
        r#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#,
        r#"{"jsonrpc":"2.0","id":4,"method":"initialize"}"#,
        r#"{"jsonrpc":"2.0","id":5,"method":"tools/list"}"#,
    ] {
        client.say(begins).await;
        client.taken().await;
    }
}

#[tokio::test]
async fn the_last_line_needs_no_end() {
    let mut client = Client::introduced().await;
    client.stdin.write_all(ping("1").as_bytes()).await.unwrap();
    let (closed, _) = tokio::io::duplex(1);
    drop(std::mem::replace(&mut client.stdin, closed));
    let number = client.taken().await;
    client.answer(number).await;
    assert_eq!(client.heard().await["id"], 1);
    client.gone.cancelled().await;
    assert!(client.stdio.receive().await.is_none());
}

#[tokio::test]
async fn the_end_is_noticed_although_nothing_more_can_be_read() {
    // Because as much is worked on as may be.
    let mut client = Client::introduced().await;
    for id in 0..=MOST {
        client.say(&ping(&id.to_string())).await;
    }
    for _ in 0..MOST {
        client.taken().await;
    }
    client.stdin_closed.cancel();
    client.gone.cancelled().await;

    // Because the refusals are not read.
    let mut client = Client::introduced().await;
    let nonsense = tokio::time::timeout(std::time::Duration::from_millis(200), async {
        loop {
            client.say("[]").await;
        }
    });
    assert!(nonsense.await.is_err());
    assert!(!client.gone.is_cancelled());
    client.stdin_closed.cancel();
    client.gone.cancelled().await;
}

#[tokio::test]
async fn nothing_is_taken_once_the_answers_have_no_reader() {
    let mut client = Client::introduced().await;
    client.stdout_closed.cancel();
    client.gone.cancelled().await;
    assert!(client.stdin.write_all(b"\n").await.is_err(), "the input is closed");
    assert!(client.stdio.receive().await.is_none());

    // The same when it shows only in writing.
    let Client { mut stdin, stdout, mut stdio, gone, .. } = Client::introduced().await;
    drop(stdout);
    stdin.write_all(b"[]\n").await.unwrap();
    gone.cancelled().await;
    assert!(stdio.receive().await.is_none());
}
