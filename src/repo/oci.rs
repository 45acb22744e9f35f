//! Charts in OCI registries: tags to versions, manifests to layers, layers to archives.

use serde_json::Value;

use crate::diag::Result;
use crate::golang::semver::{Constraints, Version};
use crate::net::Response;

use super::cache::{Cache, Kind};
use super::credentials::Store;
use super::digest::sha256_hex;
use super::fetch::basic;
use super::index::newest_first;
use super::{Access, Client, fault};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CHART_LAYERS: [&str; 2] =
    ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip"];
const PROVENANCE_LAYER: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// A chart in a registry: `oci://HOST/REPOSITORY[:TAG][@DIGEST]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// Host and port.
    pub registry: String,
    /// Path of the chart's repository.
    pub repository: String,
    /// Version, as users write it; may be empty.
    pub tag: String,
    /// Digest of the manifest; may be empty.
    pub digest: String,
}

impl Reference {
    /// Takes an address apart.
    ///
    /// Errors: no host, no repository, characters that no registry takes.
    pub fn parse(text: &str) -> Result<Self> {
        let bare = text.strip_prefix("oci://").unwrap_or(text);
        let (bare, digest) = bare.rsplit_once('@').unwrap_or((bare, ""));
        let bad = |why: &str| fault(format!("invalid reference: {why}"));
        let (registry, path) =
            bare.split_once('/').ok_or_else(|| bad("missing registry or repository"))?;
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (path, ""),
        };
        if registry.is_empty() {
            return Err(bad("missing registry or repository"));
        }
        let legal = |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '/')
        };
        if repository.is_empty() || !repository.chars().all(legal) || repository.contains("//") {
            return Err(bad(&format!("invalid repository \"{repository}\"")));
        }
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
        if tag.len() > 128 || !tag.chars().all(legal) {
            return Err(bad(&format!("invalid tag \"{tag}\"")));
        }
        Ok(Reference {
            registry: registry.to_string(),
            repository: repository.to_string(),
            tag: tag.to_string(),
            digest: digest.to_string(),
        })
    }

    /// What the registry knows the version as: a tag cannot hold `+`.
    fn manifest_name(&self) -> String {
        if self.digest.is_empty() { self.tag.replace('+', "_") } else { self.digest.clone() }
    }

    /// The name of the archive.
    pub fn file_name(&self) -> String {
        let base = self.repository.rsplit('/').next().unwrap_or(&self.repository);
        if self.tag.is_empty() { format!("{base}.tgz") } else { format!("{base}-{}.tgz", self.tag) }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if !self.tag.is_empty() {
            write!(f, ":{}", self.tag.replace('+', "_"))?;
        }
        if !self.digest.is_empty() {
            write!(f, "@{}", self.digest)?;
        }
        Ok(())
    }
}

/// What Helm tells of a pulled chart, without the last end of line.
pub(super) fn summary(reference: &Reference, digest: &str) -> String {
    let mut text = format!("Pulled: {reference}\nDigest: {digest}");
    if reference.to_string().contains('_') {
        text = format!(
            "{text}\n{reference} contains an underscore.\n\nOCI artifact references (e.g. tags) do \
             not support the plus sign (+). To support\nstoring semantic versions, Helm adopts \
             the convention of changing plus (+) to\nan underscore (_) in chart version tags when \
             pushing to a registry and back to\na plus (+) when pulling from a registry."
        );
    }
    text
}

/// A chart that came from a registry.
#[derive(Clone, Debug, Default)]
pub struct Pulled {
    /// The archive.
    pub chart: Vec<u8>,
    /// The provenance file, where it was asked for; or why there is none.
    pub provenance: Option<Result<Vec<u8>>>,
    /// Digest of the manifest.
    pub digest: String,
}

impl Client<'_> {
    /// Finds the version that is wanted: a version as it stands, a range by the registry's tags.
    ///
    /// Errors: an address and a version that contradict each other, no version in the range.
    pub fn resolve_oci(&self, address: &str, wanted: &str) -> Result<Reference> {
        let mut reference = Reference::parse(address)?;
        let wanted = match (wanted, reference.tag.as_str()) {
            ("", tag) => tag.to_string(),
            (wanted, tag) if tag.is_empty() || tag == wanted || tag == wanted.replace('+', "_") => {
                wanted.to_string()
            }
            (wanted, tag) => {
                return Err(fault(format!(
                    "chart reference and version mismatch: {wanted} is not {tag}"
                )));
            }
        };
        if !reference.digest.is_empty() || Version::parse(&wanted).is_ok() {
            reference.tag = wanted;
            return Ok(reference);
        }
        let tags = self.oci_tags(&reference)?;
        if tags.is_empty() {
            return Err(fault(format!(
                "unable to locate any tags in provided repository: {address}"
            )));
        }
        let range = if wanted.is_empty() { "*" } else { &wanted };
        let range = Constraints::parse(range).map_err(fault)?;
        let fits = |tag: &&String| Version::parse(tag).is_ok_and(|version| range.check(&version));
        let exact = tags.iter().find(|tag| **tag == wanted);
        reference.tag = exact.or_else(|| tags.iter().find(fits)).cloned().ok_or_else(|| {
            let text = "could not locate a version matching provided version string";
            fault(format!("{text} {wanted}"))
        })?;
        Ok(reference)
    }

    /// The versions of a chart, newest first.
    ///
    /// Errors: a registry that cannot be reached, refuses, or does not know the chart.
    pub fn oci_tags(&self, reference: &Reference) -> Result<Vec<String>> {
        let mut path = format!("/v2/{}/tags/list", reference.repository);
        let mut tags: Vec<String> = Vec::new();
        // A registry may answer in pages; the limit is against one that never ends.
        for _ in 0..1000 {
            let response = self.registry_get(reference, &path, "", true)?;
            let list: Value = serde_json::from_slice(&response.body)
                .map_err(|error| fault(format!("tags of {reference}: {error}")))?;
            let found = list.get("tags").and_then(Value::as_array).into_iter().flatten();
            let found = found.filter_map(Value::as_str).map(|tag| tag.replace('_', "+"));
            tags.extend(found.filter(|tag| Version::parse_strict(tag).is_ok()));
            let next = response.header("link").and_then(|link| {
                let (address, relation) = link.strip_prefix('<')?.split_once('>')?;
                relation.contains("rel=\"next\"").then(|| address.to_string())
            });
            match next {
                // Only the same registry may go on.
                Some(next) if next.starts_with('/') => path = next,
                _ => break,
            }
        }
        tags.sort_by(|a, b| newest_first(a, b));
        Ok(tags)
    }

    /// Fetches a chart; its parts come from the cache where they are known.
    ///
    /// Errors: a registry that cannot be reached or refuses, a manifest without a chart, a layer
    /// that does not have its digest.
    pub fn pull_oci(&self, reference: &Reference, provenance: bool) -> Result<Pulled> {
        let cache = Cache { host: self.host, root: &self.paths.content_cache };
        let key = sha256_hex(format!("oci://{reference}").as_bytes());
        let manifest = if self.offline {
            cache.get(&key, Kind::Manifest).map(|(_, bytes)| bytes)
        } else {
            None
        };
        let manifest = match manifest {
            Some(bytes) => bytes,
            None => {
                let path =
                    format!("/v2/{}/manifests/{}", reference.repository, reference.manifest_name());
                let answer = self.registry_get(reference, &path, MANIFEST, false);
                let bytes = answer
                    .map_err(|fault| {
                        fault.context("failed to perform \"FetchReference\" on source")
                    })?
                    .body;
                cache.put(&key, Kind::Manifest, &bytes);
                bytes
            }
        };
        let digest = format!("sha256:{}", sha256_hex(&manifest));
        if !reference.digest.is_empty() && reference.digest != digest {
            return Err(fault(format!("{reference}: the manifest has the digest {digest}")));
        }
        let parsed: Value = serde_json::from_slice(&manifest)
            .map_err(|error| fault(format!("manifest of {reference}: {error}")))?;
        let layer = |types: &[&str]| {
            let layers = parsed.get("layers")?.as_array()?;
            let fits = |layer: &&Value| {
                layer.get("mediaType").and_then(Value::as_str).is_some_and(|it| types.contains(&it))
            };
            Some(layers.iter().find(fits)?.get("digest")?.as_str()?.to_string())
        };
        let missing =
            |kind| fault(format!("manifest does not contain a layer with mediatype {kind}"));
        let chart = layer(&CHART_LAYERS).ok_or_else(|| missing(CHART_LAYERS[0]))?;
        let chart = self.blob(reference, &chart, Kind::Chart)?;
        let provenance = provenance.then(|| {
            let digest = layer(&[PROVENANCE_LAYER]).ok_or_else(|| missing(PROVENANCE_LAYER))?;
            self.blob(reference, &digest, Kind::Provenance)
        });
        Ok(Pulled { chart, provenance, digest })
    }

    fn blob(&self, reference: &Reference, digest: &str, kind: Kind) -> Result<Vec<u8>> {
        let cache = Cache { host: self.host, root: &self.paths.content_cache };
        if let Some((_, bytes)) = cache.get(digest, kind) {
            return Ok(bytes);
        }
        let path = format!("/v2/{}/blobs/{digest}", reference.repository);
        let bytes = self.registry_get(reference, &path, "", false)?.body;
        let found = format!("sha256:{}", sha256_hex(&bytes));
        if found != digest {
            return Err(fault(format!("{reference}: a layer should be {digest} and is {found}")));
        }
        cache.put(digest, kind, &bytes);
        Ok(bytes)
    }

    /// Asks a registry who the user is, with the given credentials.
    ///
    /// Errors: a registry that cannot be reached, or does not take them.
    pub fn ping(&self, registry: &str, access: &Access) -> Result<()> {
        let credentials = Some((access.username.clone(), access.password.clone()));
        let address = format!("{}://{registry}/v2/", scheme(access));
        let response = self.authorized(&address, "", "", credentials, access)?;
        match response.status {
            200..=299 => Ok(()),
            404 => Err(fault("not found")),
            _ => Err(refused(&address, &response)),
        }
    }

    fn registry_get(
        &self,
        reference: &Reference,
        path: &str,
        accept: &str,
        lists: bool,
    ) -> Result<Response> {
        let given = (self.access.username.clone(), self.access.password.clone());
        let store = Store { host: self.host, path: &self.paths.registry_config };
        let credentials = if given.0.is_empty() && given.1.is_empty() {
            store.get(&reference.registry)
        } else {
            Some(given)
        };
        let scope = format!("repository:{}:pull", reference.repository);
        let address = format!("{}://{}{path}", scheme(&self.access), reference.registry);
        let response = self.authorized(&address, accept, &scope, credentials, &self.access)?;
        match response.status {
            200..=299 => Ok(response),
            404 if !lists => Err(fault(format!("{reference}: not found"))),
            _ => Err(refused(&address, &response)),
        }
    }

    /// A request, and once more with a token or credentials when the registry wants them.
    fn authorized(
        &self,
        address: &str,
        accept: &str,
        scope: &str,
        credentials: Option<(String, String)>,
        access: &Access,
    ) -> Result<Response> {
        let headers = |authorization: Option<(String, String)>| {
            let accept = Some(("Accept".to_string(), accept.to_string()));
            let accept = accept.filter(|(_, types)| !types.is_empty());
            accept.into_iter().chain(authorization).collect::<Vec<_>>()
        };
        let response = self.ask(address, headers(None), access)?;
        let challenge = response.header("www-authenticate").unwrap_or_default().to_string();
        if response.status != 401 || challenge.is_empty() {
            return Ok(response);
        }
        let basic = credentials.map(|(username, password)| basic(&username, &password));
        if !challenge.to_ascii_lowercase().starts_with("bearer ") {
            return match basic {
                Some(basic) => self.ask(address, headers(Some(basic)), access),
                None => Ok(response),
            };
        }
        let parameters = parameters(&challenge);
        let parameter = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let wanted = if scope.is_empty() { parameter("scope") } else { scope.to_string() };
        let mut token_address =
            format!("{}?service={}", parameter("realm"), escape(&parameter("service")));
        if !wanted.is_empty() {
            token_address.push_str("&scope=");
            token_address.push_str(&escape(&wanted));
        }
        let answer = self.ask(&token_address, basic.into_iter().collect(), access)?;
        if answer.status != 200 {
            return Err(refused(&token_address, &answer));
        }
        let answer: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| fault(format!("token of {address}: {error}")))?;
        let token = ["token", "access_token"].iter().find_map(|name| answer.get(name)?.as_str());
        let token = token.ok_or_else(|| fault(format!("{address}: the registry gave no token")))?;
        let bearer = ("Authorization".to_string(), format!("Bearer {token}"));
        self.ask(address, headers(Some(bearer)), access)
    }
}

fn scheme(access: &Access) -> &'static str {
    if access.plain_http { "http" } else { "https" }
}

fn refused(address: &str, response: &Response) -> crate::diag::Fault {
    fault(format!(
        "GET \"{address}\": response status code {}: {}",
        response.status,
        response.status_text().split_once(' ').map_or("", |(_, reason)| reason)
    ))
}

/// The parameters of a challenge: `Bearer realm="…",service="…"`.
fn parameters(challenge: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = challenge.split_once(' ').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',']).to_ascii_lowercase();
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        found.push((name, value.to_string()));
        rest = after;
    }
    found
}

/// A text within a query.
fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_come_apart() {
        let reference = Reference::parse("oci://h:5000/a/kid:1.0.0+b").expect("a reference");
        assert_eq!(
            (reference.registry.as_str(), reference.repository.as_str(), reference.tag.as_str()),
            ("h:5000", "a/kid", "1.0.0+b")
        );
        assert_eq!(reference.file_name(), "kid-1.0.0+b.tgz");
        assert_eq!(reference.manifest_name(), "1.0.0_b");
        assert!(Reference::parse("oci://h").is_err());
        assert!(Reference::parse("oci://h/Kid").is_err());
    }

    #[test]
    fn challenges_have_parameters() {
        let found = parameters("Bearer realm=\"https://a/t?x=1\",service=\"a b\", scope=pull");
        let want = [("realm", "https://a/t?x=1"), ("service", "a b"), ("scope", "pull")];
        let want = want.map(|(name, value)| (name.to_string(), value.to_string()));
        assert_eq!(found, want);
        assert_eq!(escape("repository:a/b:pull"), "repository%3Aa%2Fb%3Apull");
    }
}
