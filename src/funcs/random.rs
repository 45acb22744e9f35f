//! Random text, numbers and UUIDs, all from the host's generator.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;

use super::{Def, Int, Runtime, def};
use crate::diag::{Fault, Result};
use crate::golang::base64;
use crate::value::Value;

pub(super) const FUNCS: &[Def] = &[
    def!("randAlpha" => rand_alpha(cx; count: Int)),
    def!("randAlphaNum" => rand_alpha_num(cx; count: Int)),
    def!("randAscii" => rand_ascii(cx; count: Int)),
    def!("randBytes" => rand_bytes(cx; count: Int)),
    def!("randInt" => rand_int(cx; min: Int, max: Int)),
    def!("randNumeric" => rand_numeric(cx; count: Int)),
    def!("uuidv4" => uuidv4(cx;)),
];

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const DIGITS: &[u8] = b"0123456789";

/// Random letters of both cases.
///
/// Takes: count (int). Returns: string; "" for a negative count.
/// Errors: a count past the render's size limit. Source: sprig `randAlpha`.
fn rand_alpha(cx: &mut dyn Runtime, count: Int) -> Result<String> {
    text_of(cx, count, LETTERS)
}

/// Random letters and digits.
///
/// Takes: count (int). Returns: string; "" for a negative count.
/// Errors: a count past the render's size limit. Source: sprig `randAlphaNum`.
fn rand_alpha_num(cx: &mut dyn Runtime, count: Int) -> Result<String> {
    text_of(cx, count, LETTERS_AND_DIGITS)
}

/// Random printable ASCII characters, the blank among them.
///
/// Takes: count (int). Returns: string; "" for a negative count.
/// Errors: a count past the render's size limit. Source: sprig `randAscii`.
fn rand_ascii(cx: &mut dyn Runtime, count: Int) -> Result<String> {
    let printable: Vec<u8> = (b' '..=b'~').collect();
    text_of(cx, count, &printable)
}

/// Random bytes, in Base64.
///
/// Takes: count (int). Returns: string.
/// Errors: a negative count; one past the render's size limit. Source: sprig `randBytes`.
fn rand_bytes(cx: &mut dyn Runtime, count: Int) -> Result<String> {
    let count = usize::try_from(count.0)
        .map_err(|_| Fault::function("runtime error: makeslice: len out of range"))?;
    cx.charge(count)?;
    Ok(base64::encode(&random_bytes(cx, count)?))
}

/// A random integer from a minimum up to a maximum, which is left out.
///
/// Takes: min (int), max (int). Returns: int.
/// Errors: a maximum that is not above the minimum. Source: sprig `randInt`.
fn rand_int(cx: &mut dyn Runtime, min: Int, max: Int) -> Result<Value> {
    let span = max.0.wrapping_sub(min.0);
    if span <= 0 {
        return Err(Fault::function("invalid argument to Intn"));
    }
    let offset = below(cx, span as u64)? as i64;
    Ok(Value::int(min.0.wrapping_add(offset)))
}

/// Random digits.
///
/// Takes: count (int). Returns: string; "" for a negative count.
/// Errors: a count past the render's size limit. Source: sprig `randNumeric`.
fn rand_numeric(cx: &mut dyn Runtime, count: Int) -> Result<String> {
    text_of(cx, count, DIGITS)
}

/// A random UUID (version 4).
///
/// Takes: nothing. Returns: string.
/// Errors: none. Source: sprig `uuidv4`.
fn uuidv4(cx: &mut dyn Runtime) -> Result<String> {
    let mut bytes = [0; 16];
    fill(cx, &mut bytes)?;
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let number = u128::from_be_bytes(bytes);
    let hex = format!("{number:032x}");
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

/// Fills a buffer from the host's generator.
pub(super) fn fill(cx: &dyn Runtime, buffer: &mut [u8]) -> Result<()> {
    cx.host().random(buffer).map_err(|error| Fault::function(format!("no random bytes: {error}")))
}

/// Bytes from the host's generator.
pub(super) fn random_bytes(cx: &dyn Runtime, count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    fill(cx, &mut bytes)?;
    Ok(bytes)
}

/// A number below a bound that is not 0, each as likely as any other.
pub(super) fn below(cx: &dyn Runtime, bound: u64) -> Result<u64> {
    // The numbers past the last whole multiple of the bound would favour small results.
    let limit = u64::MAX - u64::MAX % bound;
    loop {
        let mut bytes = [0; 8];
        fill(cx, &mut bytes)?;
        let number = u64::from_le_bytes(bytes);
        if number < limit {
            return Ok(number % bound);
        }
    }
}

/// A generator for keys, seeded by the host's.
pub(super) fn key_generator(cx: &dyn Runtime) -> Result<ChaCha20Rng> {
    let mut seed = [0; 32];
    fill(cx, &mut seed)?;
    Ok(ChaCha20Rng::from_seed(seed))
}

/// Characters drawn from an alphabet of at most 128.
fn text_of(cx: &mut dyn Runtime, count: Int, alphabet: &[u8]) -> Result<String> {
    let count = usize::try_from(count.0).unwrap_or(0);
    cx.charge(count)?;
    let size = alphabet.len();
    let limit = 256 - 256 % size;
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let missing = count - text.len();
        // A few more than needed: some are thrown away to keep the draw even.
        for byte in random_bytes(cx, missing + missing / 4 + 8)? {
            let byte = usize::from(byte);
            if byte < limit && text.len() < count {
                text.push(char::from(alphabet[byte % size]));
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::funcs::testing::TestRuntime;

    #[test]
    fn draws_have_their_shape() {
        let mut cx = TestRuntime::default();
        for _ in 0..50 {
            let text = rand_alpha_num(&mut cx, Int(40)).unwrap();
            assert_eq!(text.len(), 40);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
            let uuid = uuidv4(&mut cx).unwrap();
            assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
            assert!("89ab".contains(&uuid[19..20]), "{uuid}");
            let Value::Int(number, _) = rand_int(&mut cx, Int(-3), Int(2)).unwrap() else {
                panic!("an int")
            };
            assert!((-3..2).contains(&number));
        }
        assert_eq!(rand_alpha(&mut cx, Int(-1)).unwrap(), "");
        assert_eq!(rand_bytes(&mut cx, Int(3)).unwrap().len(), 4);
        let error = rand_int(&mut cx, Int(5), Int(5)).unwrap_err();
        assert_eq!(error.message(), "invalid argument to Intn");
    }
}
