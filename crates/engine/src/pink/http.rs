//! HTTP. In a query the request is made while the contract waits; in a command its answer comes from the log.

use super::{Reply, session};
use crate::{
    Mode,
    gas::{self, charge_bytes},
    held,
    memory::Host,
    stop::{Abort, Stop},
};
use parity_scale_codec::Encode;
use std::{future::poll_fn, task::Poll};
use tallow_types::{
    Answer, CallError, ExternalCall, HttpError, HttpRequest, HttpResponse,
    limits::{
        CALL_TIME_MS_MAX, CALLS_PER_COMMAND_MAX, HTTP_BATCH_MAX, HTTP_BODY_BYTES_MAX, HTTP_HEADERS_MAX,
        QUERY_TIME_MS_MAX,
    },
};

type Answered = Result<HttpResponse, HttpError>;

/// Function 1.
pub(super) async fn request(host: &mut Host<'_>, request: HttpRequest) -> Result<Reply, Stop> {
    if refused(host) {
        let text = "HTTP request is not supported in transaction";
        return Ok(Reply::value(&failure(523, "API Unavailable", text.into())));
    }
    if request.headers.len() > HTTP_HEADERS_MAX {
        return Ok(Reply::value(&response(Err(HttpError::TooManyHeaders))));
    }
    let timeout_ms = time_limit(host);
    let answered = ask(host, vec![request], timeout_ms).await?.into_iter().next();
    Ok(Reply::value(&response(answered.unwrap_or(Err(HttpError::NetworkError)))))
}

/// Function 22.
pub(super) async fn batch(host: &mut Host<'_>, (requests, timeout_ms): (Vec<HttpRequest>, u64)) -> Result<Reply, Stop> {
    if refused(host) {
        return Ok(status(HttpError::NotAllowed));
    }
    if requests.len() > HTTP_BATCH_MAX {
        return Ok(status(HttpError::TooManyRequests));
    }
    if timeout_ms == 0 {
        return Ok(status(HttpError::Timeout));
    }
    if requests.is_empty() {
        return Ok(Reply::value(&Vec::<Answered>::new()));
    }
    if requests.iter().any(|request| request.headers.len() > HTTP_HEADERS_MAX) {
        return Ok(status(HttpError::TooManyHeaders));
    }
    let timeout_ms = timeout_ms.min(time_limit(host));
    let answered = ask(host, requests, timeout_ms).await?;
    Ok(Reply::value(&answered))
}

/// Whether nothing may be asked: in estimates, and where Phala refused.
fn refused(host: &mut Host<'_>) -> bool {
    let session = session(host);
    session.is_compat() || matches!(session.mode, Mode::Estimate)
}

fn time_limit(host: &mut Host<'_>) -> u64 {
    if session(host).is_query() { QUERY_TIME_MS_MAX } else { CALL_TIME_MS_MAX }
}

fn status(error: HttpError) -> Reply {
    // The number of an error is its place among them, from 1.
    Reply::Status(u32::from(error.encode().first().copied().unwrap_or_default()) + 1)
}

/// A single request has no error: Phala made responses of them.
fn response(answered: Answered) -> HttpResponse {
    match answered {
        Ok(response) => response,
        Err(error @ (HttpError::NetworkError | HttpError::ResponseTooLarge | HttpError::TooManyHeaders)) => {
            failure(524, "IO Error", error.to_string())
        }
        Err(error) => failure(523, "Unreachable", error.to_string()),
    }
}

fn failure(status_code: u16, reason: &str, body: String) -> HttpResponse {
    HttpResponse { status_code, reason_phrase: reason.into(), headers: Vec::new(), body: body.into_bytes() }
}

/// Asks, and returns one result for each request.
async fn ask(host: &mut Host<'_>, requests: Vec<HttpRequest>, timeout_ms: u64) -> Result<Vec<Answered>, Stop> {
    let count = requests.len();
    let call = ExternalCall::Http { requests, timeout_ms };
    charge_bytes(host, gas::EXTERNAL, gas::STORAGE_WRITE_BYTE, call.encoded_size())?;
    let Answer::Http(answered) = answer(host, call).await?;
    let mut answered: Vec<_> = answered.into_iter().map(within_limits).take(count).collect();
    answered.resize(count, Err(HttpError::NetworkError));
    charge_bytes(host, 0, gas::COPY_BYTE, answered.encoded_size())?;
    Ok(answered)
}

/// Limits hold whoever performed the call.
fn within_limits(answered: Answered) -> Answered {
    let response = answered?;
    if response.body.len() > HTTP_BODY_BYTES_MAX {
        return Err(HttpError::ResponseTooLarge);
    }
    if response.headers.len() > HTTP_HEADERS_MAX {
        return Err(HttpError::TooManyHeaders);
    }
    Ok(response)
}

async fn answer(host: &mut Host<'_>, call: ExternalCall) -> Result<Answer, Stop> {
    // The call is held by the run and by who performs it.
    let before = held::rest(host, 2 * call.encoded_size())?;
    let answer = answered(host, call).await?;
    held::resume(host.data_mut(), before)?;
    Ok(answer)
}

async fn answered(host: &mut Host<'_>, call: ExternalCall) -> Result<Answer, Stop> {
    let session = session(host);
    let index = session.exchange.calls();
    match &session.mode {
        Mode::Query { .. } => {
            let exchange = session.exchange.clone();
            exchange.count_call();
            exchange.ask(index, call);
            let answer = poll_fn(|_| exchange.take_answer().map_or(Poll::Pending, Poll::Ready)).await;
            Ok(answer)
        }
        Mode::Command { answers, .. } => match answers.get(index as usize) {
            // A request that differs from the recorded one is a new call.
            Some(answered) if answered.call == call => {
                session.exchange.count_call();
                Ok(answered.answer.clone())
            }
            _ if index >= CALLS_PER_COMMAND_MAX => Err(CallError::TooManyCalls.into()),
            _ => Err(Abort::Suspended { index, call, gas_used: 0 }.into()),
        },
        Mode::Estimate => Ok(Answer::Http(vec![Err(HttpError::NotAllowed)])),
    }
}
