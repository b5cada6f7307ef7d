//! Where the service is, as the caller sees it: what links begin with.

use std::iter;
use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;
use ipnet::IpNet;

/// What is known before any request comes.
pub struct PublicUrl {
    /// The setting, without a slash at its end: then nothing a request says counts.
    pub fixed: Option<String>,
    /// Whose `X-Forwarded-*` headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// What is spoken here: `http` or `https`.
    pub scheme: &'static str,
    /// `scheme://address:port`, for a request without a `Host`.
    pub listening: String,
}

impl PublicUrl {
    /// The beginning of every link in the answer to `request`, without a slash at its end.
    pub fn of(&self, request: &HttpRequest) -> String {
        if let Some(fixed) = &self.fixed {
            return fixed.clone();
        }
        let is_trusted = peer(request).is_some_and(|peer| self.is_proxy(peer));
        let forwarded = |name: &str| if is_trusted { first(request, name) } else { None };
        // a host and perhaps a port: nothing that could leave its place in a URL or in JSON
        let is_authority = |text: &&str| !text.is_empty() && is_of(text, b"-._:[]");
        let host = forwarded("X-Forwarded-Host").or_else(|| text(request, header::HOST.as_str())).filter(is_authority);
        let Some(host) = host else { return self.listening.clone() };
        let scheme =
            forwarded("X-Forwarded-Proto").filter(|scheme| *scheme == "https" || *scheme == "http").unwrap_or(self.scheme);
        let is_prefix = |text: &&str| text.starts_with('/') && is_of(text, b"-._~/");
        let prefix = forwarded("X-Forwarded-Prefix").filter(is_prefix).unwrap_or_default();
        format!("{scheme}://{host}{}", prefix.trim_end_matches('/'))
    }

    /// Where the caller is: the peer; behind trusted proxies the last address that none of them is.
    pub fn caller(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = peer(request)?;
        // a proxy adds itself to the line, or a line of its own
        let lines = request.headers().get_all("X-Forwarded-For").filter(|_| self.is_proxy(peer));
        let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or_default()).collect();
        let forwarded = lines.join(",");
        let hops = forwarded.rsplit(',').map_while(|hop| Some(hop.trim().parse::<IpAddr>().ok()?.to_canonical()));
        let nearest_first: Vec<IpAddr> = iter::once(peer).chain(hops).collect();
        nearest_first.iter().find(|hop| !self.is_proxy(**hop)).or(nearest_first.last()).copied()
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }
}

/// A v4 peer of a v6 socket is ::ffff:a.b.c.d.
fn peer(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip().to_canonical())
}

fn text<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}

/// The first of a list: what the proxy nearest to the caller said.
fn first<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    text(request, name)?.split(',').next().map(str::trim).filter(|value| !value.is_empty())
}

/// Whether there is nothing in it but letters, digits and these.
fn is_of(text: &str, more: &[u8]) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
}
