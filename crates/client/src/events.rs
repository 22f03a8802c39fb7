//! `text/event-stream`, as far as workers write it: under limits, whatever the server does.

use crate::ClientError;
use crate::http::Http;
use std::time::Duration;
use tallow_types::limits::{STREAM_EVENT_BYTES_MAX, STREAM_HEARTBEAT_MS};

/// Time without a byte after which a stream is given up: the worker gives a sign of life much sooner.
const SILENCE: Duration = Duration::from_millis(3 * STREAM_HEARTBEAT_MS);

/// One event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ServerEvent {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) data: String,
}

/// Cuts a stream of bytes into events.
#[derive(Default)]
struct Parser {
    buffer: Vec<u8>,
    /// Bytes of the buffer in which no end of an event was found.
    searched: usize,
}

impl Parser {
    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole event.
    fn next(&mut self) -> Result<Option<ServerEvent>, ClientError> {
        let from = self.searched.saturating_sub(1);
        let Some(end) = self.buffer[from..].windows(2).position(|pair| pair == b"\n\n").map(|at| from + at) else {
            self.searched = self.buffer.len();
            let limit = STREAM_EVENT_BYTES_MAX;
            return if self.buffer.len() > limit { Err(ClientError::TooLarge { limit }) } else { Ok(None) };
        };
        let event = parse(&String::from_utf8_lossy(&self.buffer[..end]));
        self.buffer.drain(..end + 2);
        self.searched = 0;
        Ok(Some(event))
    }
}

fn parse(text: &str) -> ServerEvent {
    let mut event = ServerEvent::default();
    for line in text.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => event.id = Some(value.to_owned()),
            "event" => value.clone_into(&mut event.name),
            "data" => event.data.push_str(value),
            _ => {} // comments, and what later versions may add
        }
    }
    event
}

/// The events of one answer.
pub(crate) struct EventSource {
    response: reqwest::Response,
    parser: Parser,
    http: Http,
}

impl EventSource {
    pub(crate) fn new(response: reqwest::Response, http: Http) -> Self {
        Self { response, parser: Parser::default(), http }
    }

    /// The next event, or `None` when the server ended the stream. Nothing is lost when it is dropped before it is
    /// ready.
    pub(crate) async fn next(&mut self) -> Result<Option<ServerEvent>, ClientError> {
        loop {
            if let Some(event) = self.parser.next()? {
                return Ok(Some(event));
            }
            let silent = || ClientError::Timeout { url: self.http.url().to_owned(), after: SILENCE };
            let chunk = tokio::time::timeout(SILENCE, self.response.chunk()).await.map_err(|_| silent())?;
            match chunk.map_err(|error| self.http.failure(error, SILENCE))? {
                Some(bytes) => self.parser.push(&bytes),
                None => return Ok(None),
            }
        }
    }
}

#[cfg(test)]
mod tests;
