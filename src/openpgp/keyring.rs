//! Keyrings: keys, whose they are, and who signed with them.

use super::armor::{SignedText, canonical, encode};
use super::keys::PublicKey;
use super::packets::{Item, Packets};
use super::secrets::SecretKey;
use super::signatures::{MAY_SIGN, Signature, kind, sign_text};
use super::{Error, Kind};

/// Keys and whose they are.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    entities: Vec<Entity>,
}

/// A key with its names and subkeys.
#[derive(Clone, Debug)]
pub struct Entity {
    key: PublicKey,
    secret: Option<SecretKey>,
    identities: Vec<Identity>,
    subkeys: Vec<Subkey>,
    revocations: Vec<Signature>,
}

/// A name that a key goes by, and the key's own signature under it.
#[derive(Clone, Debug)]
struct Identity {
    name: String,
    signature: Option<Signature>,
    revocations: Vec<Signature>,
}

#[derive(Clone, Debug)]
struct Subkey {
    key: PublicKey,
    signature: Signature,
    revocations: Vec<Signature>,
}

impl Keyring {
    /// Reads a keyring: what `gpg --export` writes, with or without `--armor`, or GnuPG's
    /// keybox. Keys that cannot be read are left out, as long as there is another.
    ///
    /// Takes: the file, and its name for messages.
    /// Errors: no key that can be read; data that is no keyring.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, Error> {
        let bytes = super::forms::packets(bytes, name)?;
        let mut packets = Packets::new(&bytes);
        let mut entities = Vec::new();
        let mut last = None;
        loop {
            match Entity::read(&mut packets) {
                Ok(Some(entity)) => entities.push(entity),
                Ok(None) => break,
                Err(error) if error.kind == Kind::Other => return Err(error),
                Err(error) => {
                    last = Some(error);
                    if !to_next_key(&mut packets)? {
                        break;
                    }
                }
            }
        }
        match last {
            Some(error) if entities.is_empty() => Err(error),
            _ => Ok(Keyring { entities }),
        }
    }

    /// The key of a name, or of the only name that contains the text.
    ///
    /// Errors: several names contain it.
    pub fn named(&self, text: &str) -> Result<Option<&Entity>, Error> {
        let mut candidate = None;
        let mut count = 0;
        for entity in &self.entities {
            for identity in &entity.identities {
                if identity.name == text {
                    return Ok(Some(entity));
                }
                if identity.name.contains(text) {
                    candidate = Some(entity);
                    count += 1;
                }
            }
        }
        if count > 1 {
            let text = crate::golang::quote::quote(text.as_bytes());
            return Err(Error::other(format!("more than one key contain the id {text}")));
        }
        Ok(candidate)
    }

    /// Whose signature stands below a text.
    ///
    /// Takes: the text, the time in seconds since 1970.
    /// Errors: a signature by none of these keys, or not of this text; keys that are revoked or
    /// expired.
    pub fn signer(&self, text: &SignedText, now: i64) -> Result<&Entity, Error> {
        let mut packets = Packets::new(&text.signature);
        loop {
            let signature = match packets.next()? {
                None => return Err(Error::other("openpgp: signature made by unknown entity")),
                Some(Item::Signature(signature)) => signature,
                Some(_) => return Err(Error::structural("non signature packet found")),
            };
            let Some(issuer) = signature.issuer else {
                return Err(Error::structural("signature doesn't have an issuer"));
            };
            let candidates: Vec<_> =
                self.entities.iter().flat_map(|entity| entity.signers(issuer)).collect();
            if candidates.is_empty() {
                continue;
            }
            if !matches!(signature.kind, kind::BINARY | kind::TEXT) {
                let text = format!("unsupported signature type: {}", signature.kind);
                return Err(Error::unsupported(text));
            }
            let mut result = Ok(());
            for (entity, subkey) in candidates {
                let key = subkey.map_or(&entity.key, |subkey| &subkey.key);
                result = key.verify(&[&text.hashed], &signature);
                if result.is_ok() {
                    return entity.check(subkey, &signature, now).map(|()| entity);
                }
            }
            result?;
        }
    }
}

/// Passes over packets to the next primary key; whether there is one.
fn to_next_key(packets: &mut Packets<'_>) -> Result<bool, Error> {
    loop {
        match packets.next() {
            Ok(None) => return Ok(false),
            Ok(Some(item @ Item::Key { secret: None, is_subkey: false, .. })) => {
                packets.unread(item);
                return Ok(true);
            }
            Ok(Some(_)) => {}
            Err(error) if error.kind == Kind::Unsupported => {}
            Err(error) => return Err(error),
        }
    }
}

impl Entity {
    /// Reads one key with all that belongs to it; none at the end.
    fn read(packets: &mut Packets<'_>) -> Result<Option<Self>, Error> {
        let (key, secret) = match packets.next()? {
            None => return Ok(None),
            Some(Item::Key { public, secret, .. }) => (*public, secret),
            Some(item) => {
                packets.unread(item);
                return Err(Error::structural("first packet was not a public/private key"));
            }
        };
        if !key.can_sign() {
            return Err(Error::structural("primary key cannot be used for signatures"));
        }
        let mut entity = Entity {
            key,
            secret,
            identities: Vec::new(),
            subkeys: Vec::new(),
            revocations: Vec::new(),
        };
        let mut revocations = Vec::new();
        while let Some(item) = packets.next()? {
            match item {
                Item::UserId(name) => entity.read_identity(name, packets)?,
                Item::Signature(signature) if signature.kind == kind::KEY_REVOCATION => {
                    revocations.push(*signature);
                }
                Item::Key { public, is_subkey: true, .. } => {
                    entity.read_subkey(*public, packets)?;
                }
                Item::Key { .. } => {
                    packets.unread(item);
                    break;
                }
                Item::Signature(_) | Item::Other => {}
            }
        }
        if entity.identities.is_empty() {
            return Err(Error::structural("v4 entity without any identities"));
        }
        for revocation in revocations {
            entity
                .key
                .verify(&[&entity.key.for_hash()], &revocation)
                .map_err(|_| Error::structural("revocation signature signed by alternate key"))?;
            entity.revocations.push(revocation);
        }
        Ok(Some(entity))
    }

    fn made(&self, signature: &Signature) -> bool {
        match &signature.fingerprint {
            Some(fingerprint) => *fingerprint == self.key.fingerprint,
            None => signature.issuer == Some(self.key.id),
        }
    }

    fn read_identity(&mut self, name: String, packets: &mut Packets<'_>) -> Result<(), Error> {
        let mut identity = Identity { name, signature: None, revocations: Vec::new() };
        let mut is_own = false;
        while let Some(item) = packets.next()? {
            let signature = match item {
                Item::Signature(signature) => *signature,
                other => {
                    packets.unread(other);
                    break;
                }
            };
            let is_revocation = signature.kind == kind::CERTIFICATION_REVOCATION;
            if !is_revocation && !kind::CERTIFICATIONS.contains(&signature.kind) {
                return Err(Error::structural("user ID signature with wrong type"));
            }
            // What others say of the name does not count.
            if !self.made(&signature) {
                continue;
            }
            let name = identity.name.as_bytes();
            let head = [&[0xb4][..], &(name.len() as u32).to_be_bytes()].concat();
            self.key.verify(&[&self.key.for_hash(), &head, name], &signature).map_err(|error| {
                Error::structural(format!("user ID self-signature invalid: {error}"))
            })?;
            is_own = true;
            if is_revocation {
                identity.revocations.push(signature);
            } else if identity.signature.as_ref().is_none_or(|it| signature.created > it.created) {
                identity.signature = Some(signature);
            }
        }
        if is_own {
            self.identities.retain(|known| known.name != identity.name);
            self.identities.push(identity);
        }
        Ok(())
    }

    fn read_subkey(&mut self, key: PublicKey, packets: &mut Packets<'_>) -> Result<(), Error> {
        let invalid =
            |error: Error| Error::structural(format!("subkey signature invalid: {error}"));
        let mut binding: Option<Signature> = None;
        let mut revocations = Vec::new();
        while let Some(item) = packets.next().map_err(invalid)? {
            let signature = match item {
                Item::Signature(signature) => *signature,
                other => {
                    packets.unread(other);
                    break;
                }
            };
            if !matches!(signature.kind, kind::SUBKEY | kind::SUBKEY_REVOCATION) {
                return Err(Error::structural("subkey signature with wrong type"));
            }
            self.verify_subkey(&key, &signature).map_err(invalid)?;
            if signature.kind == kind::SUBKEY_REVOCATION {
                revocations.push(signature);
            } else if binding.as_ref().is_none_or(|known| signature.created > known.created) {
                binding = Some(signature);
            }
        }
        let signature =
            binding.ok_or_else(|| Error::structural("subkey packet not followed by signature"))?;
        self.subkeys.push(Subkey { key, signature, revocations });
        Ok(())
    }

    /// A subkey is one if the key says so, and (for one that signs) the subkey, too.
    fn verify_subkey(&self, key: &PublicKey, signature: &Signature) -> Result<(), Error> {
        let both = [self.key.for_hash(), key.for_hash()].concat();
        self.key.verify(&[&both], signature)?;
        if signature.flags.is_none_or(|flags| flags & MAY_SIGN == 0) {
            return Ok(());
        }
        let embedded = signature
            .embedded
            .as_ref()
            .ok_or_else(|| Error::structural("signing subkey is missing cross-signature"))?;
        key.verify(&[&both], embedded).map_err(|error| {
            Error::structural(format!("error while verifying cross-signature: {error}"))
        })
    }

    /// The name that speaks for the key: one that is not revoked, the one that is marked, the
    /// newest, in this order.
    fn primary(&self) -> Option<&Identity> {
        self.identities.iter().reduce(|known, next| {
            let rank = |it: &Identity| {
                let signature = it.signature.as_ref();
                (
                    std::cmp::Reverse(it.revocations.len()),
                    signature.is_some(),
                    signature.is_some_and(|it| it.is_primary),
                    signature.map_or(0, |it| it.created),
                )
            };
            if rank(next) > rank(known) { next } else { known }
        })
    }

    /// The key itself and its subkeys, where they have the id and may sign.
    fn signers(&self, id: u64) -> Vec<(&Entity, Option<&Subkey>)> {
        let may_sign = |signature: &Signature| signature.flags.is_some_and(|it| it & MAY_SIGN != 0);
        let own = self.primary().and_then(|identity| identity.signature.as_ref());
        let primary = (self.key.id == id && own.is_some_and(may_sign)).then_some((self, None));
        let subkeys = self.subkeys.iter();
        let subkeys = subkeys.filter(|it| it.key.id == id && may_sign(&it.signature));
        primary.into_iter().chain(subkeys.map(|it| (self, Some(it)))).collect()
    }

    /// Whether a good signature counts: nothing is revoked or expired.
    fn check(&self, subkey: Option<&Subkey>, made: &Signature, now: i64) -> Result<(), Error> {
        let primary = self.primary();
        let own = primary
            .and_then(|identity| identity.signature.as_ref())
            .ok_or_else(|| Error::structural("primary key without a self-signature"))?;
        let mut signatures = vec![made, own];
        if let Some(subkey) = subkey {
            signatures.push(&subkey.signature);
            signatures.extend(subkey.signature.embedded.as_deref());
        }
        if let Some(name) = signatures.iter().find_map(|it| it.critical_notation.as_ref()) {
            return Err(Error::signature(format!("unknown critical notation: {name}")));
        }
        let revoked = |revocations: &[Signature]| {
            revocations.iter().any(|it| it.is_compromised || !it.is_expired(now))
        };
        if revoked(&self.revocations)
            || subkey.is_some_and(|subkey| revoked(&subkey.revocations))
            || primary.is_some_and(|identity| revoked(&identity.revocations))
        {
            return Err(Error::other("openpgp: signature made by revoked key"));
        }
        let is_expired = |key: &PublicKey, signature: &Signature| {
            let (created, lifetime) = (i64::from(key.created), i64::from(signature.key_lifetime));
            created > now || (lifetime != 0 && now > created + lifetime)
        };
        if is_expired(&self.key, own)
            || subkey.is_some_and(|subkey| is_expired(&subkey.key, &subkey.signature))
        {
            return Err(Error::other("openpgp: key expired"));
        }
        if signatures.iter().any(|signature| signature.is_expired(now)) {
            return Err(Error::other("openpgp: signature expired"));
        }
        Ok(())
    }

    /// The names that the key goes by, in the order of the keyring.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.identities.iter().map(|identity| identity.name.as_str())
    }

    /// The key's fingerprint in capital hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// Whether the keyring holds the secret key, perhaps locked.
    pub fn has_secret(&self) -> bool {
        self.secret.is_some()
    }

    /// Whether the secret key takes a passphrase.
    pub fn is_locked(&self) -> bool {
        self.secret.as_ref().is_some_and(SecretKey::is_locked)
    }

    /// Unlocks the secret key.
    ///
    /// Errors: the wrong passphrase.
    pub fn unlock(&mut self, passphrase: &[u8]) -> Result<(), Error> {
        self.secret.as_mut().map_or(Ok(()), |secret| secret.unlock(passphrase))
    }

    /// The text with this key's signature below it.
    ///
    /// Takes: the text, the time in seconds since 1970.
    /// Errors: no secret key, one that is locked.
    pub fn sign(&self, text: &str, now: i64) -> Result<String, Error> {
        let secret = self.secret.as_ref().ok_or_else(|| Error::other("private key not found"))?;
        let now = u32::try_from(now).unwrap_or_default();
        let key = &self.key;
        let sign = |hash, digest: &[u8]| secret.sign(key, hash, digest);
        let signature = sign_text(&canonical(text), key.algorithm, &key.fingerprint, now, sign)?;
        Ok(encode(text, &signature))
    }
}
