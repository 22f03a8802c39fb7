//! Servers that want the client's memory or time.

use crate::server::{Server, connect};
use crate::world::World;
use std::time::{Duration, Instant};
use tallow_client::{ClientError, Keypair, Trust};
use tallow_types::limits::RESPONSE_BYTES_MAX;
use tallow_types::{AccountId, Query};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_giant_answer_is_refused() {
    let server = Server::start(World::new(1)).await;
    let client = server.connect().await.unwrap();
    server.replace("query", |_| vec![0; RESPONSE_BYTES_MAX + 1]);
    let result = client.query(&Keypair::generate_ed25519(), Query::Balance(AccountId::default())).await;
    assert!(matches!(result, Err(ClientError::TooLarge { limit: RESPONSE_BYTES_MAX })), "{result:?}");
}

/// A server that sends `head`, then `piece` again and again, with `pause` between.
async fn raw(head: &'static str, piece: &'static [u8], pause: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                if socket.read(&mut request).await.is_err() || socket.write_all(head.as_bytes()).await.is_err() {
                    return;
                }
                while socket.write_all(piece).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            });
        }
    });
    url
}

async fn refused(url: &str) -> (ClientError, Duration) {
    let began = Instant::now();
    let Err(error) = connect(url, Trust::OnFirstUse).await else { panic!("it connected") };
    (error, began.elapsed())
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let chunk: &[u8] = &[b'x'; 65_536 + 9];
    let chunk: &'static [u8] = Box::leak([b"10000\r\n", &chunk[..65_536], b"\r\n"].concat().into_boxed_slice());
    let url = raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk, Duration::ZERO).await;
    let (error, _) = refused(&url).await;
    assert!(matches!(error, ClientError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_claims_too_much_is_not_read() {
    let url = raw("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n", b"x", Duration::from_secs(1)).await;
    let (error, elapsed) = refused(&url).await;
    assert!(matches!(error, ClientError::TooLarge { .. }), "{error:?}");
    assert!(elapsed < Duration::from_secs(5));
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let url = raw("", b"", Duration::from_secs(60)).await;
    let (error, elapsed) = refused(&url).await;
    assert!(matches!(error, ClientError::Timeout { .. }), "{error:?}");
    assert!(elapsed < Duration::from_secs(5));
}

#[tokio::test]
async fn a_server_that_drips_is_given_up() {
    let url = raw("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b"x", Duration::from_millis(50)).await;
    let (error, elapsed) = refused(&url).await;
    assert!(matches!(error, ClientError::Timeout { .. }), "{error:?}");
    assert!(elapsed < Duration::from_secs(5));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = Server::start(World::new(1)).await;
    let head = format!("HTTP/1.1 302 Found\r\nlocation: {}/v1/genesis\r\ncontent-length: 0\r\n\r\n", server.url);
    let url = raw(Box::leak(head.into_boxed_str()), b"", Duration::from_secs(1)).await;
    let (error, _) = refused(&url).await;
    assert!(matches!(&error, ClientError::Foreign { reason, .. } if reason.contains("302")), "{error:?}");
}

#[tokio::test]
async fn something_else_than_a_worker_is_told_apart() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    let (error, _) = refused(&raw(head, b"", Duration::from_secs(1)).await).await;
    assert!(matches!(&error, ClientError::Foreign { reason, .. } if reason.contains("Genesis")), "{error:?}");
    let head = "HTTP/1.1 500 Oh\r\ncontent-length: 5\r\n\r\nhello";
    let (error, _) = refused(&raw(head, b"", Duration::from_secs(1)).await).await;
    assert!(matches!(error, ClientError::Unexpected { status: 500, .. }), "{error:?}");
}
