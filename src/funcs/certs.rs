//! Certificates, of the structure that Go's `x509.CreateCertificate` gives them.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::keys::PrivateKey;
use super::random::{fill, key_generator};
use super::{Def, FromArg, Int, Runtime, Ty, def, mismatch};
use crate::diag::{Fault, Result};
use crate::golang::asn1::{self, Reader};
use crate::golang::quote::quote;
use crate::golang::time::{Duration, Time, Zone};
use crate::golang::{base64, pem};
use crate::value::print::sprint;
use crate::value::{Kind, List, Map, Object, Str, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("buildCustomCert" => build_custom_cert(certificate: &Str, key: &Str)),
    def!("genCA" => gen_ca(cx; cn: &Str, days: Int)),
    def!("genCAWithKey" => gen_ca_with_key(cx; cn: &Str, days: Int, key: &Str)),
    def!("genSelfSignedCert" =>
        gen_self_signed_cert(cx; cn: &Str, ips: List, names: List, days: Int)),
    def!("genSelfSignedCertWithKey" =>
        gen_self_signed_cert_with_key(cx; cn: &Str, ips: List, names: List, days: Int, key: &Str)),
    def!("genSignedCert" =>
        gen_signed_cert(cx; cn: &Str, ips: List, names: List, days: Int, ca: &Certificate)),
    def!("genSignedCertWithKey" => gen_signed_cert_with_key(
        cx; cn: &Str, ips: List, names: List, days: Int, ca: &Certificate, key: &Str)),
];

/// A certificate and its private key, both in PEM, as the fields `Cert` and `Key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    cert: Str,
    key: Str,
}

const TYPE: &str = "sprig.certificate";

impl Object for Certificate {
    fn type_name(&self) -> &'static str {
        TYPE
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields().into_iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Cert", self.cert.clone().into()), ("Key", self.key.clone().into())]
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let any: &dyn std::any::Any = other;
        any.downcast_ref() == Some(self)
    }

    fn to_json(&self) -> Value {
        let fields = Map::new();
        for (name, value) in self.fields() {
            fields.insert(name, value);
        }
        fields.into()
    }
}

impl<'a> FromArg<'a> for &'a Certificate {
    const TY: Ty = Ty::Named(TYPE);
    fn from_arg(value: &'a Value) -> Result<Self> {
        value.downcast().ok_or_else(|| mismatch(Self::TY, value))
    }
}

impl From<Certificate> for Value {
    fn from(certificate: Certificate) -> Self {
        Value::object(certificate)
    }
}

/// Bits of the keys that are made along with certificates.
const KEY_BITS: u32 = 2048;

/// Makes a certificate of parts that exist already.
///
/// Takes: certificate, key (strings: PEM in Base64). Returns: certificate with `.Cert`, `.Key`.
/// Errors: bad Base64; PEM that holds no certificate or no key. Source: sprig `buildCustomCert`.
fn build_custom_cert(certificate: &Str, key: &Str) -> Result<Certificate> {
    let decode = |text: &Str, what: &str| {
        base64::decode(text.as_bytes())
            .map_err(|_| Fault::function(format!("unable to decode base64 {what}")))
    };
    let cert = decode(certificate, "certificate")?;
    let key = decode(key, "private key")?;
    let block =
        pem::decode(&cert).ok_or_else(|| Fault::function("unable to decode certificate"))?;
    Signer::parse(&block.bytes).map_err(|error| {
        Fault::function(format!("error parsing certificate: decodedCert.Bytes: {error}"))
    })?;
    PrivateKey::from_pem(&key)
        .map_err(|error| Fault::function(format!("error parsing private key: {error}")))?;
    Ok(Certificate { cert: cert.into(), key: key.into() })
}

/// Makes a certificate authority with a new RSA key of 2048 bits.
///
/// Takes: cn (string), days (int). Returns: certificate with `.Cert`, `.Key`.
/// Errors: none to speak of. Source: sprig `genCA`.
fn gen_ca(cx: &mut dyn Runtime, cn: &Str, days: Int) -> Result<Certificate> {
    let key = new_key(cx)?;
    Request { cn, ips: &[], names: &[], days: days.0, is_ca: true }.issue(cx, &key, None)
}

/// Makes a certificate authority with a given key.
///
/// Takes: cn (string), days (int), key (string, PEM). Returns: certificate with `.Cert`, `.Key`.
/// Errors: a key that does not read. Source: sprig `genCAWithKey`.
fn gen_ca_with_key(cx: &mut dyn Runtime, cn: &Str, days: Int, key: &Str) -> Result<Certificate> {
    let key = given_key(key)?;
    Request { cn, ips: &[], names: &[], days: days.0, is_ca: true }.issue(cx, &key, None)
}

/// Makes a certificate that signs itself, with a new RSA key of 2048 bits.
///
/// Takes: cn (string), ips (list of strings), names (list of strings), days (int).
/// Returns: certificate with `.Cert`, `.Key`.
/// Errors: an address that is none; items that are no strings. Source: sprig
/// `genSelfSignedCert`.
#[expect(clippy::needless_pass_by_value, reason = "the table hands arguments over")]
fn gen_self_signed_cert(
    cx: &mut dyn Runtime,
    cn: &Str,
    ips: List,
    names: List,
    days: Int,
) -> Result<Certificate> {
    let key = new_key(cx)?;
    Request::with_names(cn, &ips, &names, days).issue(cx, &key, None)
}

/// Makes a certificate that signs itself, with a given key.
///
/// Takes: cn (string), ips (list of strings), names (list of strings), days (int), key (string,
/// PEM). Returns: certificate with `.Cert`, `.Key`.
/// Errors: a key that does not read; an address that is none; items that are no strings.
/// Source: sprig `genSelfSignedCertWithKey`.
#[expect(clippy::needless_pass_by_value, reason = "the table hands arguments over")]
fn gen_self_signed_cert_with_key(
    cx: &mut dyn Runtime,
    cn: &Str,
    ips: List,
    names: List,
    days: Int,
    key: &Str,
) -> Result<Certificate> {
    let key = given_key(key)?;
    Request::with_names(cn, &ips, &names, days).issue(cx, &key, None)
}

/// Makes a certificate signed by an authority, with a new RSA key of 2048 bits.
///
/// Takes: cn (string), ips (list of strings), names (list of strings), days (int), ca
/// (certificate). Returns: certificate with `.Cert`, `.Key`.
/// Errors: an address that is none; items that are no strings. Source: sprig `genSignedCert`.
#[expect(clippy::needless_pass_by_value, reason = "the table hands arguments over")]
fn gen_signed_cert(
    cx: &mut dyn Runtime,
    cn: &Str,
    ips: List,
    names: List,
    days: Int,
    ca: &Certificate,
) -> Result<Certificate> {
    let key = new_key(cx)?;
    Request::with_names(cn, &ips, &names, days).issue(cx, &key, Some(ca))
}

/// Makes a certificate signed by an authority, with a given key.
///
/// Takes: cn (string), ips (list of strings), names (list of strings), days (int), ca
/// (certificate), key (string, PEM). Returns: certificate with `.Cert`, `.Key`.
/// Errors: a key that does not read; an address that is none; items that are no strings.
/// Source: sprig `genSignedCertWithKey`.
#[expect(clippy::needless_pass_by_value, reason = "the table hands arguments over")]
fn gen_signed_cert_with_key(
    cx: &mut dyn Runtime,
    cn: &Str,
    ips: List,
    names: List,
    days: Int,
    ca: &Certificate,
    key: &Str,
) -> Result<Certificate> {
    let key = given_key(key)?;
    Request::with_names(cn, &ips, &names, days).issue(cx, &key, Some(ca))
}

fn new_key(cx: &dyn Runtime) -> Result<PrivateKey> {
    Ok(PrivateKey::generate_rsa(&mut key_generator(cx)?, KEY_BITS))
}

fn given_key(key: &Str) -> Result<PrivateKey> {
    PrivateKey::from_pem(key.as_bytes())
        .map_err(|error| Fault::function(format!("parsing private key: {error}")))
}

/// What is asked of a certificate.
struct Request<'a> {
    cn: &'a Str,
    ips: &'a [Value],
    names: &'a [Value],
    days: i64,
    is_ca: bool,
}

/// What a certificate says that signs another.
struct Signer {
    /// Its subject, encoded.
    subject: Vec<u8>,
    /// Its key's algorithm and bits.
    public_key: (Vec<u8>, Vec<u8>),
    /// Its key's identifier; may be empty.
    key_id: Vec<u8>,
}

/// Contents of the object identifiers of extensions.
mod oid {
    pub(super) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    pub(super) const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1D, 14];
    pub(super) const KEY_USAGE: &[u8] = &[0x55, 0x1D, 15];
    pub(super) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 17];
    pub(super) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 19];
    pub(super) const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1D, 35];
    pub(super) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 37];
    pub(super) const SERVER_AUTH: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 1];
    pub(super) const CLIENT_AUTH: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 2];
}

impl<'a> Request<'a> {
    fn with_names(cn: &'a Str, ips: &'a List, names: &'a List, days: Int) -> Self {
        Request { cn, ips: ips.items(), names: names.items(), days: days.0, is_ca: false }
    }

    /// Makes the certificate of a key, signed by an authority or by itself.
    fn issue(
        &self,
        cx: &dyn Runtime,
        key: &PrivateKey,
        ca: Option<&Certificate>,
    ) -> Result<Certificate> {
        let authority = ca.map(read_authority).transpose()?;
        let ips = self.addresses()?;
        let names = self.host_names()?;
        let mut serial = [0; 16];
        fill(cx, &mut serial)?;
        let now = Time::unix(cx.host().now().0, 0, Zone::utc());
        // Go's multiplication wraps for more than 292 years.
        let span = Duration((24 * 3_600_000_000_000i64).wrapping_mul(self.days));
        let signing_key = authority.as_ref().map_or(key, |(_, key)| key);
        let signer = authority.as_ref().map(|(signer, _)| signer);
        let der = self
            .sign(key, signer, signing_key, &serial, [now.clone(), now.add(span)], &ips, &names)
            .map_err(|error| Fault::function(format!("error creating certificate: {error}")))?;
        let key = key
            .to_pem()
            .map_err(|error| Fault::function(format!("error pem-encoding key: {error}")))?;
        Ok(Certificate {
            cert: pem::encode("CERTIFICATE", &der).into(),
            key: pem::encode(&key.label, &key.bytes).into(),
        })
    }

    fn addresses(&self) -> Result<Vec<IpAddr>> {
        let parse = |item: &Value| {
            let Value::Str(text) = item else {
                return Err(format!("error parsing ip: {} is not a string", sprint(item)));
            };
            let text = text.to_str_lossy();
            text.parse().map_err(|_| format!("error parsing ip: {text}"))
        };
        self.ips.iter().map(parse).collect::<Result<_, _>>().map_err(Fault::function)
    }

    fn host_names(&self) -> Result<Vec<Str>> {
        let check = |item: &Value| match item {
            Value::Str(text) => Ok(text.clone()),
            other => Err(Fault::function(format!(
                "error processing alternate dns name: {} is not a string",
                sprint(other)
            ))),
        };
        self.names.iter().map(check).collect()
    }

    /// The signed certificate; the error is that of Go's library.
    #[expect(clippy::too_many_arguments, reason = "one for each part of a certificate")]
    fn sign(
        &self,
        key: &PrivateKey,
        signer: Option<&Signer>,
        signing_key: &PrivateKey,
        serial: &[u8],
        validity: [Time; 2],
        ips: &[IpAddr],
        names: &[Str],
    ) -> Result<Vec<u8>, String> {
        let algorithm = signing_key
            .signature_algorithm()
            .ok_or("x509: certificate private key does not implement crypto.Signer")?;
        let (key_algorithm, key_bits) =
            key.public_key().ok_or("x509: unsupported public key type: *dsa.PublicKey")?;
        let subject = name(self.cn)?;
        let issuer = signer.map_or(&subject, |signer| &signer.subject);
        if let Some(signer) = signer
            && signing_key.public_key().as_ref() != Some(&signer.public_key)
        {
            return Err("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned());
        }
        let authority_key_id = signer
            .filter(|signer| signer.subject != subject)
            .map(|signer| signer.key_id.as_slice())
            .unwrap_or_default();
        let extensions =
            self.extensions(&key_bits, authority_key_id, subject.len() == 2, ips, names)?;
        let [from, until] = validity.map(|time| instant(&time));
        let body = asn1::sequence(&[
            &asn1::element(asn1::context(0, true), &[&asn1::unsigned(&[2])]),
            &asn1::unsigned(serial),
            &algorithm,
            issuer,
            &asn1::sequence(&[&from, &until]),
            &subject,
            &asn1::sequence(&[&key_algorithm, &asn1::bit_string(&key_bits)]),
            &asn1::element(asn1::context(3, true), &[&asn1::sequence(&[&extensions])]),
        ]);
        let signature = signing_key.sign(&body)?;
        Ok(asn1::sequence(&[&body, &algorithm, &asn1::bit_string(&signature)]))
    }

    /// The extensions in the order in which Go writes them.
    fn extensions(
        &self,
        key_bits: &[u8],
        authority_key_id: &[u8],
        no_subject: bool,
        ips: &[IpAddr],
        names: &[Str],
    ) -> Result<Vec<u8>, String> {
        let object = |oid: &[u8]| asn1::element(asn1::OBJECT_IDENTIFIER, &[oid]);
        // Digital signature and key encipherment; an authority also signs certificates.
        let usage: &[u8] = if self.is_ca { &[2, 0xA4] } else { &[5, 0xA0] };
        let mut extensions = vec![
            extension(oid::KEY_USAGE, true, &asn1::element(asn1::BIT_STRING, &[usage])),
            extension(
                oid::EXTENDED_KEY_USAGE,
                false,
                &asn1::sequence(&[&object(oid::SERVER_AUTH), &object(oid::CLIENT_AUTH)]),
            ),
        ];
        let constraints = if self.is_ca {
            asn1::sequence(&[&asn1::element(asn1::BOOLEAN, &[&[0xFF]])])
        } else {
            asn1::sequence(&[])
        };
        extensions.push(extension(oid::BASIC_CONSTRAINTS, true, &constraints));
        if self.is_ca {
            let key_id = &Sha256::digest(key_bits)[..20];
            let key_id = asn1::element(asn1::OCTET_STRING, &[key_id]);
            extensions.push(extension(oid::SUBJECT_KEY_ID, false, &key_id));
        }
        if !authority_key_id.is_empty() {
            let key_id = asn1::element(asn1::context(0, false), &[authority_key_id]);
            let key_id = asn1::sequence(&[&key_id]);
            extensions.push(extension(oid::AUTHORITY_KEY_ID, false, &key_id));
        }
        let mut alternatives = Vec::new();
        for name in names {
            if !name.as_bytes().is_ascii() {
                let name = quote(name.as_bytes());
                return Err(format!("x509: {name} cannot be encoded as an IA5String"));
            }
            alternatives.extend(asn1::element(asn1::context(2, false), &[name.as_bytes()]));
        }
        for ip in ips {
            let bytes = match ip.to_canonical() {
                IpAddr::V4(ip) => ip.octets().to_vec(),
                IpAddr::V6(ip) => ip.octets().to_vec(),
            };
            alternatives.extend(asn1::element(asn1::context(7, false), &[&bytes]));
        }
        if !alternatives.is_empty() {
            let alternatives = asn1::sequence(&[&alternatives]);
            extensions.push(extension(oid::SUBJECT_ALT_NAME, no_subject, &alternatives));
        }
        Ok(extensions.concat())
    }
}

/// Reads the certificate and key of an authority.
fn read_authority(ca: &Certificate) -> Result<(Signer, PrivateKey)> {
    let block = pem::decode(ca.cert.as_bytes())
        .ok_or_else(|| Fault::function("unable to decode certificate"))?;
    let signer = Signer::parse(&block.bytes).map_err(|error| {
        Fault::function(format!("error parsing certificate: decodedSignerCert.Bytes: {error}"))
    })?;
    let key = PrivateKey::from_pem(ca.key.as_bytes())
        .map_err(|error| Fault::function(format!("error parsing private key: {error}")))?;
    Ok((signer, key))
}

impl Signer {
    /// Takes what is needed from an encoded certificate.
    fn parse(der: &[u8]) -> Result<Self, &'static str> {
        Self::read(der).ok_or("x509: malformed certificate")
    }

    fn read(der: &[u8]) -> Option<Self> {
        let mut outer = Reader(der);
        let mut certificate = outer.enter(asn1::SEQUENCE)?;
        let mut body = certificate.enter(asn1::SEQUENCE)?;
        certificate.expect(asn1::SEQUENCE)?;
        certificate.expect(asn1::BIT_STRING)?;
        if !outer.0.is_empty() || !certificate.0.is_empty() {
            return None;
        }
        // The version is left out of the oldest certificates.
        body.expect(asn1::context(0, true));
        body.expect(asn1::INTEGER)?;
        body.expect(asn1::SEQUENCE)?;
        body.expect(asn1::SEQUENCE)?;
        body.expect(asn1::SEQUENCE)?;
        let subject = body.expect(asn1::SEQUENCE)?.raw.to_vec();
        let mut key = body.enter(asn1::SEQUENCE)?;
        let algorithm = key.expect(asn1::SEQUENCE)?.raw.to_vec();
        let bits = key.expect(asn1::BIT_STRING)?.contents.strip_prefix(&[0])?.to_vec();
        let mut key_id = Vec::new();
        let extensions =
            body.enter(asn1::context(3, true)).and_then(|mut inner| inner.enter(asn1::SEQUENCE));
        let mut extensions = extensions.unwrap_or(Reader(&[]));
        while let Some(mut extension) = extensions.enter(asn1::SEQUENCE) {
            let kind = extension.expect(asn1::OBJECT_IDENTIFIER)?.contents;
            extension.expect(asn1::BOOLEAN);
            let value = extension.expect(asn1::OCTET_STRING)?.contents;
            if kind == oid::SUBJECT_KEY_ID {
                key_id = Reader(value).expect(asn1::OCTET_STRING)?.contents.to_vec();
            }
        }
        Some(Signer { subject, public_key: (algorithm, bits), key_id })
    }
}

/// A distinguished name of a common name only; an empty one has no parts.
fn name(cn: &Str) -> Result<Vec<u8>, String> {
    if cn.is_empty() {
        return Ok(asn1::sequence(&[]));
    }
    let printable = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte);
    let tag = if cn.as_bytes().iter().all(printable) {
        asn1::PRINTABLE_STRING
    } else if std::str::from_utf8(cn.as_bytes()).is_ok() {
        asn1::UTF8_STRING
    } else {
        return Err("asn1: string not valid UTF-8".to_owned());
    };
    let attribute = asn1::sequence(&[
        &asn1::element(asn1::OBJECT_IDENTIFIER, &[oid::COMMON_NAME]),
        &asn1::element(tag, &[cn.as_bytes()]),
    ]);
    Ok(asn1::sequence(&[&asn1::element(asn1::SET, &[&attribute])]))
}

/// A time in the form that its year asks for.
fn instant(time: &Time) -> Vec<u8> {
    let year = time.civil().year;
    let (tag, layout): (u8, &[u8]) = if (1950..2050).contains(&year) {
        (asn1::UTC_TIME, b"060102150405Z")
    } else {
        (asn1::GENERALIZED_TIME, b"20060102150405Z")
    };
    asn1::element(tag, &[&time.format(layout)])
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { asn1::element(asn1::BOOLEAN, &[&[0xFF]]) } else { Vec::new() };
    asn1::sequence(&[
        &asn1::element(asn1::OBJECT_IDENTIFIER, &[oid]),
        &flag,
        &asn1::element(asn1::OCTET_STRING, &[value]),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::funcs::testing::TestRuntime;

    /// The parts of a certificate as tags and lengths, down to its values.
    fn outline(der: &[u8]) -> Vec<(u8, usize)> {
        let mut reader = Reader(der);
        let mut parts = Vec::new();
        while let Some(element) = reader.next_element() {
            parts.push((element.tag, element.contents.len()));
            if element.tag & 0x20 != 0 {
                parts.extend(outline(element.contents));
            }
        }
        parts
    }

    fn der(pem_text: &Str) -> Vec<u8> {
        pem::decode(pem_text.as_bytes()).unwrap().bytes
    }

    /// A CA on an Ed25519 key made by Helm, whose length does not vary.
    const HELM_CA: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBNzCB6qADAgECAhEA2S7nNUUHzzQGNnz46wsSGzAFBgMrZXAwDDEKMAgGA1UE\n\
        AxMBeDAeFw0yNjExMjEwNjEzMThaFw0yNjExMjIwNjEzMThaMAwxCjAIBgNVBAMT\n\
        AXgwKjAFBgMrZXADIQC3n6IKmo+pq6qdccQ54GraFbaosWrBmszwShP3LUPMLKNh\n\
        MF8wDgYDVR0PAQH/BAQDAgKkMB0GA1UdJQQWMBQGCCsGAQUFBwMBBggrBgEFBQcD\n\
        AjAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBSbHmflNs4LhYQIBQfzBCQWlcOu\n\
        ODAFBgMrZXADQQCAX3K1zkLtFEw2jlMendKL9mumovNy/PsNoXEPtTi6x3Az+9f9\n\
        XjLuatTOoN5xyXzTgph9zAHJGwOrhWckIZcP\n\
        -----END CERTIFICATE-----";

    #[test]
    fn certificates_have_go_s_structure() {
        let mut cx = TestRuntime::default();
        let key = PrivateKey::generate_ed25519(&mut key_generator(&cx).unwrap());
        let key = key.to_pem().unwrap();
        let key = Str::from(pem::encode(&key.label, &key.bytes));
        let ca = gen_ca_with_key(&mut cx, &Str::from("x"), Int(1), &key).unwrap();
        let without_serial = |der: &[u8]| {
            let mut parts = outline(der);
            parts.retain(|(tag, length)| !(*tag == asn1::INTEGER && *length > 3));
            // The serial's length varies by a byte, and with it that of what holds it.
            parts.drain(..2);
            parts
        };
        let helm = der(&Str::from(HELM_CA));
        assert_eq!(without_serial(&der(&ca.cert)), without_serial(&helm));
        let ips = List::new(vec![Value::str("10.0.0.1"), Value::str("::1")]);
        let names = List::strings(["a.example.com"]);
        let cert =
            gen_signed_cert_with_key(&mut cx, &Str::from("srv"), ips, names, Int(30), &ca, &key)
                .unwrap();
        let signed = der(&cert.cert);
        let authority = Signer::parse(&der(&ca.cert)).unwrap();
        assert!(signed.windows(20).any(|window| window == authority.key_id));
        assert_eq!(Signer::parse(&signed).unwrap().key_id, Vec::<u8>::new());
    }

    #[test]
    fn bad_parts_get_sprig_s_errors() {
        let mut cx = TestRuntime::default();
        let empty = || List::new(Vec::new());
        let ca = Certificate { cert: Str::from("x"), key: Str::from("x") };
        let bad_ip = List::new(vec![Value::str("1.2.3")]);
        let no_text = List::new(vec![Value::int(5)]);
        let cn = Str::from("x");
        let key = Str::from("k");
        let mut errors = vec![
            build_custom_cert(&Str::from("!"), &cn).unwrap_err(),
            build_custom_cert(&Str::from("eA=="), &Str::from("eA==")).unwrap_err(),
            gen_ca_with_key(&mut cx, &cn, Int(1), &key).unwrap_err(),
        ];
        errors.push(
            Request::with_names(&cn, &empty(), &empty(), Int(1))
                .issue(&cx, &new_ed25519(&cx), Some(&ca))
                .unwrap_err(),
        );
        for (ips, names) in [(&bad_ip, &empty()), (&no_text, &empty()), (&empty(), &no_text)] {
            let request = Request::with_names(&cn, ips, names, Int(1));
            errors.push(request.issue(&cx, &new_ed25519(&cx), None).unwrap_err());
        }
        let errors: Vec<&str> = errors.iter().map(Fault::message).collect();
        assert_eq!(
            errors,
            [
                "unable to decode base64 certificate",
                "unable to decode certificate",
                "parsing private key: no PEM data in input",
                "unable to decode certificate",
                "error parsing ip: 1.2.3",
                "error parsing ip: 5 is not a string",
                "error processing alternate dns name: 5 is not a string",
            ]
        );
    }

    fn new_ed25519(cx: &dyn Runtime) -> PrivateKey {
        PrivateKey::generate_ed25519(&mut key_generator(cx).unwrap())
    }
}
