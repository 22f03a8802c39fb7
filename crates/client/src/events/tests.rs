//! Events, however the bytes arrive.

use super::{Parser, ServerEvent};
use crate::ClientError;
use tallow_types::limits::STREAM_EVENT_BYTES_MAX;

const TEXT: &[u8] =
    b": hello\n\nid: 1-0\nevent: block\ndata: {\"a\":1}\n\nid: 1-1\n\nevent:lagged\ndata:x\nmore: y\n\nid: 2";

fn events(chunk: usize) -> Vec<ServerEvent> {
    let mut parser = Parser::default();
    let mut found = Vec::new();
    for bytes in TEXT.chunks(chunk) {
        parser.push(bytes);
        while let Some(event) = parser.next().unwrap() {
            found.push(event);
        }
    }
    found
}

#[test]
fn however_it_is_cut_the_events_are_the_same() {
    let event = |id: Option<&str>, name: &str, data: &str| ServerEvent {
        id: id.map(str::to_owned),
        name: name.to_owned(),
        data: data.to_owned(),
    };
    let whole = events(TEXT.len());
    assert_eq!(
        whole,
        [
            event(None, "", ""),
            event(Some("1-0"), "block", "{\"a\":1}"),
            event(Some("1-1"), "", ""),
            event(None, "lagged", "x")
        ]
    );
    for chunk in 1..TEXT.len() {
        assert_eq!(events(chunk), whole, "{chunk}");
    }
}

#[test]
fn an_event_without_end_is_refused() {
    let mut parser = Parser::default();
    parser.push(&vec![b'x'; STREAM_EVENT_BYTES_MAX]);
    assert!(parser.next().unwrap().is_none());
    parser.push(b"x");
    assert!(matches!(parser.next(), Err(ClientError::TooLarge { .. })));
}
