//! URLs in parts, and host names.

use super::{Def, Runtime, def};
use crate::diag::{Fault, Result};
use crate::golang::url::Url;
use crate::value::{Kind, Map, Str, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("getHostByName" => get_host_by_name(cx; name: &Str)),
    def!("urlJoin" => url_join(parts: Map)),
    def!("urlParse" => url_parse(url: &Str)),
];

/// An address of a host name, one at random; only with `--enable-dns`.
///
/// Takes: name (string). Returns: string; "" without `--enable-dns`.
/// Errors: a name that does not resolve. Source: sprig `getHostByName`, Helm's override.
fn get_host_by_name(cx: &mut dyn Runtime, name: &Str) -> Result<String> {
    if !cx.enable_dns() {
        return Ok(String::new());
    }
    let mut addresses = cx.host().lookup_host(&name.to_str_lossy());
    if addresses.is_empty() {
        // What Go's generator says when asked to choose among none.
        return Err(Fault::function("invalid argument to Intn"));
    }
    let chosen = super::random::below(cx, addresses.len() as u64)? as usize;
    Ok(addresses.swap_remove(chosen))
}

/// Puts a URL together from its parts.
///
/// Takes: parts (map with any of scheme, userinfo, host, path, query, opaque, fragment).
/// Returns: string.
/// Errors: a part that is no string; userinfo that does not parse. Source: sprig `urlJoin`.
#[expect(clippy::needless_pass_by_value, reason = "the table hands arguments over")]
fn url_join(parts: Map) -> Result<Str> {
    let part = |key: &str| match parts.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Str(text)) => Ok(text.as_bytes().to_vec()),
        Some(Value::Nil) => {
            Err(Fault::function("runtime error: invalid memory address or nil pointer dereference"))
        }
        Some(other) => Err(Fault::function(format!(
            "unable to parse {key} key, must be of type string, but {} found",
            Kind::name(other.kind())
        ))),
    };
    let mut url = Url {
        scheme: part("scheme")?,
        host: part("host")?,
        path: part("path")?,
        raw_query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        ..Url::default()
    };
    let userinfo = part("userinfo")?;
    if !userinfo.is_empty() {
        let text = [b"proto://", userinfo.as_slice(), b"@host"].concat();
        let parsed = Url::parse(&text).map_err(|error| {
            Fault::function(format!("unable to parse userinfo in dict: {error}"))
        })?;
        url.user = parsed.user;
    }
    Ok(Str::from(url.to_bytes()))
}

/// Takes a URL apart.
///
/// Takes: url (string). Returns: map with scheme, userinfo, host, hostname, path, query,
/// opaque, fragment.
/// Errors: text that is no URL. Source: sprig `urlParse`.
fn url_parse(url: &Str) -> Result<Map> {
    let url = Url::parse(url.as_bytes())
        .map_err(|error| Fault::function(format!("unable to parse url: {error}")))?;
    let parts = Map::new();
    let userinfo = url.user.as_ref().map(crate::golang::url::Userinfo::to_bytes);
    let hostname = url.hostname().to_vec();
    parts.insert("scheme", Str::from(url.scheme));
    parts.insert("host", Str::from(url.host));
    parts.insert("hostname", Str::from(hostname));
    parts.insert("path", Str::from(url.path));
    parts.insert("query", Str::from(url.raw_query));
    parts.insert("opaque", Str::from(url.opaque));
    parts.insert("fragment", Str::from(url.fragment));
    parts.insert("userinfo", Str::from(userinfo.unwrap_or_default()));
    Ok(parts)
}
