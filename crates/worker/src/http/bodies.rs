//! Bytes that a worker holds for clients: bodies of requests while they come and are handled, and answers until they are
//! sent. Both are counted, by client and in total, and refused when there is no room: a client that sends half of a body,
//! or reads no answer, takes from itself.

use super::problem::{Failure, NoRoom, TooSlow};
use crate::shares::{Held, Shares};
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use futures::StreamExt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tallow_api::Code;
use tallow_types::limits::{API_ANSWERS_BYTES_MAX, API_BODIES_BYTES_MAX, API_BODY_BYTES_MAX, API_BODY_RATE_MIN_BYTES};
use tokio::time::{Instant, timeout_at};

/// See the module.
pub(super) struct Bodies {
    coming: Arc<Shares>,
    going: Arc<Shares>,
}

impl Bodies {
    pub(super) fn new() -> Self {
        Self {
            coming: Arc::new(Shares::new(API_BODIES_BYTES_MAX)),
            going: Arc::new(Shares::new(API_ANSWERS_BYTES_MAX)),
        }
    }

    /// A body that has its place, and has to come at a least rate but for some time that is allowed in any case. The place
    /// is for as many bytes as are announced, or have come; it is to be kept until the request is handled.
    pub(super) fn coming(
        &self,
        client: IpAddr,
        body: Body,
        allowed: Duration,
    ) -> Result<(Body, Option<Arc<Held>>), Failure> {
        if body.is_end_stream() {
            return Ok((body, None));
        }
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX).min(API_BODY_BYTES_MAX);
        let held = self.coming.hold(client, announced).ok_or_else(|| Failure::new(Code::Busy, NoRoom))?;
        let held = Arc::new(held);
        Ok((in_time(counted(body, announced, held.clone()), allowed), Some(held)))
    }

    /// An answer whose bytes keep their place until they are sent. Those of streams have other bounds.
    pub(super) async fn going(&self, client: IpAddr, response: Response) -> Result<Response, Failure> {
        let Some(bytes @ 1..) = response.body().size_hint().exact() else { return Ok(response) };
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let refused =
            || Failure::new(Code::Busy, "this address does not read the answers that it has; read them first");
        let held = self.going.hold(client, bytes).ok_or_else(refused)?;
        let (head, body) = response.into_parts();
        let content = axum::body::to_bytes(body, bytes).await.map_err(|error| Failure::new(Code::Internal, error))?;
        Ok(Response::from_parts(head, Body::from(Bytes::from_owner(Sent { content, _held: held }))))
    }
}

/// Content of an answer with its place, which goes with its last byte.
struct Sent {
    content: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

/// A body whose bytes beyond those that it announced take their place as they come.
fn counted(body: Body, announced: usize, held: Arc<Held>) -> Body {
    let mut left = announced;
    Body::from_stream(body.into_data_stream().map(move |chunk| {
        let chunk = chunk?;
        let more = chunk.len().saturating_sub(left);
        left = left.saturating_sub(chunk.len());
        if held.grow(more) { Ok(chunk) } else { Err(axum::Error::new(NoRoom)) }
    }))
}

/// A body that has to come at a least rate, but for some time that is allowed in any case.
fn in_time(body: Body, allowed: Duration) -> Body {
    let began = Instant::now();
    let chunks = (body.into_data_stream(), 0u64);
    Body::from_stream(futures::stream::try_unfold(chunks, move |(mut stream, received)| async move {
        let earned = Duration::from_millis(received.saturating_mul(1_000) / API_BODY_RATE_MIN_BYTES);
        match timeout_at(began + allowed + earned, stream.next()).await {
            Err(_) => Err(axum::Error::new(TooSlow)),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => Err(error),
            Ok(Some(Ok(chunk))) => {
                let received = received.saturating_add(chunk.len() as u64);
                Ok(Some((chunk, (stream, received))))
            }
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: Duration = Duration::from_secs(1);

    fn client(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    /// Bytes in chunks, whose number nobody knows beforehand.
    fn unannounced(chunks: usize, bytes: usize) -> Body {
        let chunk = Bytes::from(vec![1; bytes]);
        Body::from_stream(futures::stream::iter((0..chunks).map(move |_| Ok::<_, axum::Error>(chunk.clone()))))
    }

    #[tokio::test]
    async fn one_client_holds_half_of_what_may_come_and_others_have_room() {
        let bodies = Bodies::new();
        let largest = || Body::from(vec![0; API_BODY_BYTES_MAX]);
        let mut held = Vec::new();
        while let Ok((_, place)) = bodies.coming(client(1), largest(), ALLOWED) {
            held.push(place);
        }
        assert_eq!(held.len(), API_BODIES_BYTES_MAX / 2 / API_BODY_BYTES_MAX);
        assert!(bodies.coming(client(2), largest(), ALLOWED).is_ok());
        held.pop();
        assert!(bodies.coming(client(1), largest(), ALLOWED).is_ok(), "a place is given back at once");
    }

    #[tokio::test]
    async fn what_is_not_announced_is_counted_as_it_comes() {
        let bodies = Bodies::new();
        let (body, _held) = bodies.coming(client(1), unannounced(65, 1 << 20), ALLOWED).unwrap();
        let error = axum::body::to_bytes(body, usize::MAX).await.unwrap_err();
        assert_eq!(error.to_string(), NoRoom.to_string());
        let (body, _held) = bodies.coming(client(2), unannounced(8, 1 << 20), ALLOWED).unwrap();
        assert_eq!(axum::body::to_bytes(body, usize::MAX).await.unwrap().len(), 8 << 20);
    }

    #[tokio::test]
    async fn answers_keep_their_place_until_they_are_sent() {
        let bodies = Bodies::new();
        let answer = || Response::new(Body::from(vec![7; 16 << 20]));
        let mut unread = Vec::new();
        while let Ok(answer) = bodies.going(client(1), answer()).await {
            unread.push(answer);
        }
        assert_eq!(unread.len(), API_ANSWERS_BYTES_MAX / 2 / (16 << 20));
        assert!(bodies.going(client(2), answer()).await.is_ok(), "others have answers");
        let read = axum::body::to_bytes(unread.pop().unwrap().into_body(), usize::MAX).await.unwrap();
        assert!(bodies.going(client(1), answer()).await.is_err(), "its bytes are still there");
        assert_eq!(read.len(), 16 << 20);
        drop(read);
        assert!(bodies.going(client(1), answer()).await.is_ok());
    }
}
