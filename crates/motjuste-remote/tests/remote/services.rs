//! Web services of one's own, asked as programs are.

use motjuste::model::{Decoding, Model, Parts, Request};
use motjuste::task::Example;
use motjuste_remote::{Address, Api, Endpoint, RemoteModel};
use serde_json::json;

use crate::server::{Act, Server, settings};

fn service(server: &Server) -> RemoteModel {
    let address = Address::new(format!("http://{}/answer/", server.authority));
    RemoteModel::at(Endpoint::open(&address, &settings()).unwrap(), &address).unwrap()
}

fn row() -> Request {
    let parts = Parts::of("Say the opposite.", &Example::new("hot", ["cold"]), &[]);
    let parts = Some(Box::new(parts));
    Request { parts, ..Request::new("Say the opposite.\nhot", Decoding::greedy(8)) }
}

#[tokio::test]
async fn the_address_is_asked_as_it_is_given() {
    let server = Server::always(Act::ok(r#"{"answer": "cold", "finish_reason": "stop"}"#)).await;
    let model = service(&server);
    assert!(model.abilities().parts);
    assert_eq!(model.id(), format!("http://{}/answer/#program", server.authority));
    assert_eq!(model.answer(&row()).await.unwrap().text, "cold");
    let received = server.received().pop().unwrap();
    assert!(received.head.starts_with("post /answer/ http/1.1"), "{}", received.head);
    assert_eq!(received.body["instruction"], "Say the opposite.");
    assert_eq!(received.body["columns"], json!({ "input": "hot" }));
    assert_eq!(received.body["messages"][0]["role"], "user");
}

#[tokio::test]
async fn failures_are_of_the_row_and_refusals_of_the_whole() {
    let cases = [
        (Act::ok("<html>"), true, true),
        (Act::ok(r#"{"answer": null}"#), true, true),
        (Act::ok(r#"{"error": "no such tool"}"#), true, false),
        (Act::ok(r#"{"error": "busy", "retry": true}"#), true, true),
        (Act::Answer(500, "", "Traceback".to_owned()), true, true),
        (Act::Hang, true, true),
        (Act::Answer(404, "", "not here".to_owned()), false, false),
        (Act::Answer(422, "", r#"{"detail": "field required"}"#.to_owned()), false, false),
    ];
    for (act, is_of_one, is_transient) in cases {
        let server = Server::always(act).await;
        let error = service(&server).answer(&row()).await.unwrap_err();
        assert_eq!(
            (error.is_of_one_request(), error.is_transient()),
            (is_of_one, is_transient),
            "{error}"
        );
        assert!(error.is_model() && error.help().is_some());
    }
}

#[test]
fn a_service_has_one_interface() {
    let address = Address { api: Some(Api::Completions), ..Address::new("http://127.0.0.1:9/x") };
    let endpoint = Endpoint::open(&address, &settings()).unwrap();
    assert!(RemoteModel::at(endpoint, &address).unwrap_err().is_configuration());
}
