//! A server that answers every request after a second, in a process of its own: it needs as many sockets as its
//! clients.

use crate::baseline::free_port;
use anyhow::Context;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How late an answer is.
pub(crate) const LATE: Duration = Duration::from_secs(1);
/// Connections that wait to be accepted: all of a burst.
const BACKLOG: u32 = 16_384;
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate";
/// Bytes of a request that are read: more than any has.
const REQUEST_BYTES: usize = 2_048;

/// Serves for ever.
pub(crate) async fn serve(port: u16) -> anyhow::Result<()> {
    let listener = listen(port)?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(answer(stream));
    }
}

fn listen(port: u16) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    socket.listen(BACKLOG)
}

/// Answers each request of a connection; a client that goes away ends it.
async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::with_capacity(REQUEST_BYTES);
    while stream.read_buf(&mut request).await? > 0 {
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            tokio::time::sleep(LATE).await;
            stream.write_all(ANSWER).await?;
        }
    }
    Ok(())
}

/// The server, running.
pub(crate) struct Late {
    process: Child,
    /// Where it listens.
    pub(crate) url: String,
}

impl Late {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let port = free_port()?;
        let program = std::env::current_exe()?;
        let process = Command::new(program).args(["late", &port.to_string()]).stdin(Stdio::null()).spawn()?;
        let this = Self { process, url: format!("http://127.0.0.1:{port}/") };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(this);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(anyhow::anyhow!("nobody listens")).context("the late server")
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
