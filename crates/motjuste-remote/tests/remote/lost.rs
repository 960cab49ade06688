//! Answers that do not arrive, or not whole.

use std::time::Duration;

use motjuste::Error;
use motjuste::model::Model;
use motjuste_remote::{Address, Endpoint, RemoteModel};
use tokio::net::TcpListener;

use crate::server::{Act, KEY, Server, request, settings};

async fn lost(act: Act) -> Error {
    let server = Server::always(act).await;
    let error = server.model("openai/m").answer(&request()).await.unwrap_err();
    assert!(!format!("{error} {error:?} {:?}", error.help()).contains(KEY));
    assert_eq!(server.received().len(), 1, "one call is one attempt");
    error
}

fn is_lost(error: &Error) -> bool {
    error.is_model() && error.is_transient() && error.may_be_billed() && error.help().is_some()
}

#[tokio::test]
async fn no_answer_in_time_may_have_been_billed() {
    for act in [Act::Hang, Act::Late(Duration::from_secs(2), "{}".into())] {
        let error = lost(act).await;
        assert!(is_lost(&error) && error.to_string().contains("in time"), "{error}");
    }
}

#[tokio::test]
async fn a_cut_answer_may_have_been_billed() {
    let cut = [
        // Closed before any answer, inside the head, inside the body, inside a chunk.
        "",
        "HTTP/1.1 200 OK\r\ncontent-",
        "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"choices\":",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"choices\":",
        // A length that ends inside the JSON.
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{\"choices\":[]}",
    ];
    for bytes in cut {
        let error = lost(Act::Bytes(bytes.into())).await;
        assert!(is_lost(&error), "{bytes:?}: {error:?}");
    }
}

#[tokio::test]
async fn what_is_no_answer_may_have_been_billed() {
    let bodies = [
        "",
        "not json",
        "[]",
        "{}",
        r#"{"choices":[]}"#,
        r#"{"choices":[{"index":0}]}"#,
        r#"{"choices":[{"message":{"content":7}}]}"#,
    ];
    for body in bodies {
        let error = lost(Act::ok(body)).await;
        assert!(is_lost(&error), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn an_endless_body_is_not_read_to_its_end() {
    let body = format!(r#"{{"choices": "{}"}}"#, "x".repeat(33 << 20));
    let server = Server::always(Act::ok(body)).await;
    let mut settings = settings();
    settings.timeouts.total = Duration::from_secs(30);
    let address = Address::new("openai/m").at(server.base());
    let endpoint = Endpoint::open(&address, &settings).unwrap();
    let model = RemoteModel::at(endpoint, &address).unwrap();
    let error = model.answer(&request()).await.unwrap_err();
    assert!(is_lost(&error) && error.to_string().contains("cannot be read"), "{error}");
}

#[tokio::test]
async fn no_connection_costs_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    for base in [closed.as_str(), "https://no-such-host.invalid/v1"] {
        let address = Address::new("openai/m").at(base);
        let endpoint = Endpoint::open(&address, &settings()).unwrap();
        let model = RemoteModel::at(endpoint, &address).unwrap();
        let error = model.answer(&request()).await.unwrap_err();
        assert!(error.is_transient() && !error.may_be_billed(), "{base}: {error:?}");
        assert!(error.to_string().contains("cannot be reached"), "{error}");
    }
}
