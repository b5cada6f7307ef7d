//! Bytes as they are, for what an HTTP client would mend or refuse.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Answer, Client, OpenApiContract, within};

impl Client {
    /// A request line and headers as they are, `Host` and `Connection: close` added, the token `alice:alpha` too.
    pub async fn raw(&self, request_line: &str, headers: &[&str], body: &[u8]) -> Answer {
        let host = format!("Host: {}", self.host());
        let headers = [&[&*host], headers].concat();
        self.raw_exactly(request_line, &headers, body).await
    }

    /// The same without a body, at another host.
    pub async fn raw_from(&self, request_line: &str, host: &str, headers: &[&str]) -> Answer {
        let host = format!("Host: {host}");
        self.raw_exactly(request_line, &[&[&*host], headers].concat(), b"").await
    }

    async fn raw_exactly(&self, request_line: &str, headers: &[&str], body: &[u8]) -> Answer {
        let ours = ["Connection: close", "X-Auth-Token: alice:alpha"];
        let lines = [&[request_line], &ours[..], headers].concat();
        let head = lines.join("\r\n") + "\r\n\r\n";
        let mut words = request_line.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap_or_default());
        let received = self.exchange(&[head.as_bytes(), body].concat()).await;
        read(self.contract, method, &single(path), &received)
    }

    /// Sends bytes and reads until the server closes.
    pub async fn exchange(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.host()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut received = Vec::new();
        let end = within("the server closes", stream.read_to_end(&mut received)).await;
        assert!(end.is_ok() || !received.is_empty(), "neither answered nor closed: {end:?}");
        received
    }
}

/// Reads an answer that ends with its connection.
fn read(contract: &'static OpenApiContract, method: &str, path: &str, received: &[u8]) -> Answer {
    // an interim answer (100) only says go on
    let received = received.strip_prefix(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(received);
    let at = received.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| {
        panic!("{method} {path} is answered {:?}", String::from_utf8_lossy(received));
    });
    let head = std::str::from_utf8(&received[..at]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value.trim()).unwrap());
    }
    let mut body = received[at + 4..].to_vec();
    if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        body = unchunked(&body);
    }
    Answer::new(contract, (method, path, None), (status, headers, body))
}

/// A target whose slashes are one each, as they count.
fn single(target: &str) -> String {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let mut path = path.to_owned();
    while path.contains("//") {
        path = path.replace("//", "/");
    }
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n").expect("a chunk's length");
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap().trim(), 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend(&body[end + 2..end + 2 + length]);
        body = &body[end + 4 + length..];
    }
}
