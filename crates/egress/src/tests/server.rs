//! A TCP server that says exactly what a test wants, well-formed or not.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

#[derive(Clone)]
pub(super) enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes and keeps the connection as long as the client does.
    Kept(Vec<u8>),
    /// Sends the first, then the second for ever, with a pause in between.
    Endless(Vec<u8>, Vec<u8>, Duration),
    /// Never answers, and keeps the connection.
    Hang,
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    open: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves on a free port; `reply` is asked with the text of each request.
    pub(super) async fn start(host: &str, reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((host, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let open = Arc::new(AtomicUsize::new(0));
        let (reply, record, count) = (Arc::new(reply), seen.clone(), open.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (reply, record, count) = (reply.clone(), record.clone(), count.clone());
                tokio::spawn(async move {
                    count.fetch_add(1, Ordering::Relaxed);
                    serve(stream, reply, record).await;
                    count.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
        Self { address, seen, open, task }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Connections there are.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Texts of the requests so far.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, reply: Arc<impl Fn(&str) -> Reply>, seen: Arc<Mutex<Vec<String>>>) {
    let request = read_request(&mut stream).await;
    let reply = reply(&request);
    seen.lock().unwrap().push(request);
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Kept(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut [0; 1]).await;
        }
        Reply::Endless(first, then, pause) => {
            let _ = stream.write_all(&first).await;
            while stream.write_all(&then).await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        }
        Reply::Hang => {
            let _ = stream.read(&mut [0; 1]).await;
        }
    }
}

const TLS_HANDSHAKE: u8 = 0x16;

/// Reads a request's head and as much of a body as it announces; or the first bytes of a TLS handshake.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() >= announced.parse().unwrap() {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(_) if buffer[0] == TLS_HANDSHAKE => return text,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
