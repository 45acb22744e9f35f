//! Files over HTTP: who gets credentials, and what a failure is called.

use std::path::Path;

use crate::diag::Result;
use crate::diag::io::read_error;
use crate::golang::quote::quote;
use crate::json::write::base64_text;
use crate::net::{Request, Response, Tls, check, proxy_for};

use super::{Access, Client, fault, url};

/// What charts are asked for as.
pub(super) const CHART_TYPES: &str = "application/gzip,application/octet-stream";

impl Client<'_> {
    /// The body at an address. The credentials of `access` go along when the address has the
    /// scheme and host of `base`, or when they may go anywhere.
    ///
    /// Errors: `--offline`, no such server, any status but 200.
    pub fn get(&self, address: &str, base: &str, access: &Access, accept: &str) -> Result<Vec<u8>> {
        let mut headers = Vec::new();
        if !accept.is_empty() {
            headers.push(("Accept".to_string(), accept.to_string()));
        }
        let is_home = url::origin(address).is_some() && url::origin(address) == url::origin(base);
        let is_known = !access.username.is_empty() && !access.password.is_empty();
        if is_known && (is_home || access.pass_credentials) {
            headers.push(basic(&access.username, &access.password));
        }
        let response = self.ask(address, headers, access)?;
        if response.status != 200 {
            return Err(fault(format!("failed to fetch {address} : {}", response.status_text())));
        }
        Ok(response.body)
    }

    /// Asks a server and takes any status for an answer.
    ///
    /// Errors: `--offline`, files of `access` that cannot be read, no such server.
    pub(super) fn ask(
        &self,
        address: &str,
        headers: Vec<(String, String)>,
        access: &Access,
    ) -> Result<Response> {
        let request =
            Request { url: address.to_string(), headers, ..self.request(address, access)? };
        self.host.request(&request).map_err(fault)
    }

    /// How a server is to be asked.
    ///
    /// Errors: `--offline`, an address of another scheme, files of `access` that cannot be read.
    pub(super) fn request(&self, address: &str, access: &Access) -> Result<Request> {
        if self.offline {
            return Err(fault(format!("{address} is not on this machine, and --offline is given")));
        }
        let scheme = url::origin(address).map(|(scheme, _)| scheme).unwrap_or_default();
        if !matches!(scheme.as_str(), "http" | "https") {
            return Err(fault(format!("scheme \"{scheme}\" not supported")));
        }
        let proxy = proxy_for(address, |name| self.host.env(name));
        Ok(Request { proxy, tls: self.tls(access)?, timeout: 120, ..Request::default() })
    }

    /// How TLS is to be done with a server.
    ///
    /// Errors: in Helm's words: files that cannot be read, or hold something else.
    pub fn tls(&self, access: &Access) -> Result<Tls> {
        let read = |path: &str, what: &str| {
            self.host.read(Path::new(path)).map_err(|error| {
                let why = read_error(Path::new(path), &error);
                fault(format!("{what}: {}: {why}", quote(path.as_bytes())))
            })
        };
        let load = || {
            let mut tls = Tls { insecure: access.insecure, ..Tls::default() };
            if !access.cert_file.is_empty() && !access.key_file.is_empty() {
                let chain = read(&access.cert_file, "unable to read cert file")?;
                tls.client = Some((chain, read(&access.key_file, "unable to read key file")?));
            }
            if !access.ca_file.is_empty() {
                tls.roots = Some(read(&access.ca_file, "can't read CA file")?);
            }
            check(&tls).map(|()| tls).map_err(fault)
        };
        load().map_err(|fault| fault.context("can't create TLS config for client"))
    }
}

/// The header of HTTP's basic authentication.
pub(super) fn basic(username: &str, password: &str) -> (String, String) {
    let pair = base64_text(format!("{username}:{password}").as_bytes());
    ("Authorization".to_string(), format!("Basic {pair}"))
}
