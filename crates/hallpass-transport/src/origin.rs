//! Where requests go: scheme, host, port.

use std::{fmt, net::IpAddr, str::FromStr};

use url::{Host, Url};

use crate::{Error, ErrorKind, Result};

/// With or without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "complete by nature")]
pub enum Scheme {
    /// In the clear.
    Http,
    /// With TLS.
    Https,
}

impl Scheme {
    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A scheme, a host and a port; prints as a URL without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Origin {
    /// With or without TLS.
    pub scheme: Scheme,
    /// A name, or an address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl Origin {
    /// The origin of `HOST[:PORT]` under `scheme`, with the scheme's port where none is named.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for what names no host, or names more than host and port.
    pub fn of(scheme: Scheme, authority: &str) -> Result<Self> {
        let bare_v6 = authority.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6());
        let authority = if bare_v6 { format!("[{authority}]") } else { authority.to_owned() };
        format!("{}://{authority}", scheme.as_str()).parse()
    }

    /// The same host and port under another scheme.
    #[must_use]
    pub fn with_scheme(&self, scheme: Scheme) -> Self {
        Self { scheme, ..self.clone() }
    }

    /// Whether the host is this machine, by its name or address.
    pub fn is_loopback(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        address.map_or(self.host == "localhost", |address| address.is_loopback())
    }

    /// `HOST[:PORT]` as it stands in a `Host` header: without the scheme's own port.
    pub fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.port() { host } else { format!("{host}:{}", self.port) }
    }
}

impl FromStr for Origin {
    type Err = Error;

    /// Reads `http://HOST[:PORT][/]` or the same with https.
    fn from_str(text: &str) -> Result<Self> {
        let url = Url::parse(text).map_err(|source| Error::because(ErrorKind::Invalid, source))?;
        let invalid = || Error::new(ErrorKind::Invalid);
        let scheme = match url.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(invalid()),
        };
        let more = url.path() != "/" || url.query().is_some() || url.fragment().is_some();
        if more || !url.username().is_empty() || url.password().is_some() {
            return Err(invalid());
        }
        let host = match url.host().ok_or_else(invalid)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        Ok(Self { scheme, host, port: url.port().unwrap_or_else(|| scheme.port()) })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

#[cfg(test)]
mod tests;
