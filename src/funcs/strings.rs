//! Sprig's string functions: cutting, padding, splitting, joining, quoting. Text is bytes.

use super::{Def, Int, Runtime, def, lists};
use crate::diag::{Fault, Result};
use crate::golang::{quote, unicode};
use crate::value::print::{sprint, strval};
use crate::value::{List, Map, MapType, Str, Value};

pub(super) const FUNCS: &[Def] = &[
    def!("cat" => cat(values: ..&Value)),
    def!("contains" => contains(part: &Str, text: &Str)),
    def!("hasPrefix" => has_prefix(part: &Str, text: &Str)),
    def!("hasSuffix" => has_suffix(part: &Str, text: &Str)),
    def!("hello" => hello()),
    def!("indent" => indent(cx; spaces: Int, text: &Str)),
    def!("join" => join(separator: &Str, list: &Value)),
    def!("lower" => lower(text: &Str)),
    def!("nindent" => nindent(cx; spaces: Int, text: &Str)),
    def!("plural" => plural(one: &Str, many: &Str, count: Int)),
    def!("quote" => quote(values: ..&Value)),
    def!("repeat" => repeat(cx; count: Int, text: &Str)),
    def!("replace" => replace(cx; old: &Str, new: &Str, text: &Str)),
    def!("shuffle" => shuffle(cx; text: &Str)),
    def!("sortAlpha" => sort_alpha(list: &Value)),
    def!("split" => split(separator: &Str, text: &Str)),
    def!("splitList" => split_list(separator: &Str, text: &Str)),
    def!("splitn" => splitn(separator: &Str, count: Int, text: &Str)),
    def!("squote" => squote(values: ..&Value)),
    def!("substr" => substr(start: Int, end: Int, text: &Str)),
    def!("toString" => to_string(value: &Value)),
    def!("toStrings" => to_strings(list: &Value)),
    def!("trim" => trim(text: &Str)),
    def!("trimAll" => trim_all(characters: &Str, text: &Str)),
    def!("trimPrefix" => trim_prefix(part: &Str, text: &Str)),
    def!("trimSuffix" => trim_suffix(part: &Str, text: &Str)),
    def!("trimall" => trim_all(characters: &Str, text: &Str)),
    def!("trunc" => trunc(length: Int, text: &Str)),
    def!("upper" => upper(text: &Str)),
];

/// Prints values one after the other with a blank between them, leaving nils out.
///
/// Takes: values (any…). Returns: string.
/// Errors: none. Source: sprig `cat`. Empty strings are kept, so their blanks show.
fn cat(values: &[Value]) -> Str {
    let printed: Vec<Str> = present(values).map(sprint).collect();
    concatenate(&printed, b" ")
}

/// Whether a text contains a part.
///
/// Takes: part (string), text (string). Returns: bool.
/// Errors: none. Source: sprig `contains`.
fn contains(part: &Str, text: &Str) -> bool {
    find(text.as_bytes(), part.as_bytes()).is_some()
}

/// Whether a text begins with a part.
///
/// Takes: part (string), text (string). Returns: bool.
/// Errors: none. Source: sprig `hasPrefix`.
fn has_prefix(part: &Str, text: &Str) -> bool {
    text.as_bytes().starts_with(part.as_bytes())
}

/// Whether a text ends with a part.
///
/// Takes: part (string), text (string). Returns: bool.
/// Errors: none. Source: sprig `hasSuffix`.
fn has_suffix(part: &Str, text: &Str) -> bool {
    text.as_bytes().ends_with(part.as_bytes())
}

/// Says hello.
///
/// Takes: nothing. Returns: `Hello!`.
/// Errors: none. Source: sprig `hello`.
fn hello() -> &'static str {
    "Hello!"
}

/// Puts blanks before every line of a text, the empty ones and the one after a final line
/// break included.
///
/// Takes: number of blanks (int), text (string). Returns: string.
/// Errors: a negative number. Source: sprig `indent`.
fn indent(cx: &mut dyn Runtime, spaces: Int, text: &Str) -> Result<Str> {
    indented(cx, b"", spaces, text)
}

/// Joins the items of a list, printed, with a separator between them; nils are left out.
///
/// Takes: separator (string), list (any). Returns: string; a value that is no list is printed
/// alone.
/// Errors: none. Source: sprig `join`.
fn join(separator: &Str, list: &Value) -> Str {
    let items = to_strings(list);
    let items: Vec<Str> = items.items().iter().map(strval).collect();
    concatenate(&items, separator.as_bytes())
}

/// A text in lower case, one character to one character.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `lower`.
fn lower(text: &Str) -> Str {
    recased(text, u8::to_ascii_lowercase, unicode::to_lower)
}

/// A line break and the text indented.
///
/// Takes: number of blanks (int), text (string). Returns: string.
/// Errors: a negative number. Source: sprig `nindent`.
fn nindent(cx: &mut dyn Runtime, spaces: Int, text: &Str) -> Result<Str> {
    indented(cx, b"\n", spaces, text)
}

/// Chooses between singular and plural; only a count of 1 is singular.
///
/// Takes: singular (string), plural (string), count (int). Returns: string.
/// Errors: none. Source: sprig `plural`.
fn plural(one: &Str, many: &Str, count: Int) -> Str {
    if count.0 == 1 { one.clone() } else { many.clone() }
}

/// Prints values in double quotes with Go's escapes, a blank between them; nils are left out.
///
/// Takes: values (any…). Returns: string.
/// Errors: none. Source: sprig `quote`.
fn quote(values: &[Value]) -> Str {
    each(values, |value| quote::quote(strval(value).as_bytes()).into_bytes())
}

/// A text many times over.
///
/// Takes: count (int), text (string). Returns: string.
/// Errors: a negative count. Source: sprig `repeat`.
fn repeat(cx: &mut dyn Runtime, count: Int, text: &Str) -> Result<Str> {
    let count =
        usize::try_from(count.0).map_err(|_| Fault::function("strings: negative Repeat count"))?;
    let length = text
        .len()
        .checked_mul(count)
        .filter(|&length| i64::try_from(length).is_ok())
        .ok_or_else(|| Fault::function("strings: Repeat output length overflow"))?;
    cx.charge(length)?;
    Ok(text.as_bytes().repeat(count).into())
}

/// Replaces every occurrence of a part; an empty part stands before every character and at
/// the end.
///
/// Takes: old part (string), new part (string), text (string). Returns: string.
/// Errors: none. Source: sprig `replace`.
fn replace(cx: &mut dyn Runtime, old: &Str, new: &Str, text: &Str) -> Result<Str> {
    let pieces = if old.is_empty() {
        let mut pieces: Vec<&[u8]> = vec![b""];
        pieces.extend(unicode::runes(text.as_bytes()).map(|(_, bytes)| bytes));
        pieces.push(b"");
        pieces
    } else {
        pieces(text.as_bytes(), old.as_bytes(), -1)
    };
    cx.charge(text.len().saturating_add(new.len().saturating_mul(pieces.len())))?;
    Ok(pieces.join(new.as_bytes()).into())
}

/// The characters of a text in random order.
///
/// Takes: text (string). Returns: string.
/// Errors: no randomness to be had. Source: sprig `shuffle`.
fn shuffle(cx: &mut dyn Runtime, text: &Str) -> Result<String> {
    let mut characters: Vec<char> = text.runes().collect();
    for at in (1..characters.len()).rev() {
        let mut bytes = [0; 8];
        cx.host().random(&mut bytes).map_err(|error| Fault::function(error.to_string()))?;
        let other = u64::from_le_bytes(bytes) % (at as u64 + 1);
        characters.swap(at, other as usize);
    }
    Ok(characters.into_iter().collect())
}

/// The items of a list, printed, in byte order.
///
/// Takes: list (any). Returns: list of strings. A list of strings is sorted in place, as in Go.
/// Errors: none. Source: sprig `sortAlpha`.
fn sort_alpha(list: &Value) -> List {
    let sorted = if lists::elements(list).is_some() {
        to_strings(list)
    } else {
        List::strings([strval(list)])
    };
    sorted.sort_strings();
    sorted
}

/// Splits a text at a separator into a map with the keys `_0`, `_1` and so on.
///
/// Takes: separator (string), text (string). Returns: map of strings.
/// Errors: none. Source: sprig `split`. An empty separator splits into characters.
fn split(separator: &Str, text: &Str) -> Map {
    splitn(separator, Int(-1), text)
}

/// Splits a text at a separator into a list.
///
/// Takes: separator (string), text (string). Returns: list of strings.
/// Errors: none. Source: sprig `splitList`. An empty separator splits into characters.
fn split_list(separator: &Str, text: &Str) -> List {
    List::strings(pieces(text.as_bytes(), separator.as_bytes(), -1))
}

/// Splits a text at a separator into at most so many parts, with the keys `_0`, `_1` and so
/// on; the last part keeps the rest.
///
/// Takes: separator (string), number of parts (int; negative: all), text (string).
/// Returns: map of strings.
/// Errors: none. Source: sprig `splitn`.
fn splitn(separator: &Str, count: Int, text: &Str) -> Map {
    let parts = Map::typed(MapType::String);
    let pieces = pieces(text.as_bytes(), separator.as_bytes(), count.0);
    for (index, part) in pieces.into_iter().enumerate() {
        parts.insert(format!("_{index}"), Str::from(part));
    }
    parts
}

/// Prints values in single quotes without any escapes, a blank between them; nils are left out.
///
/// Takes: values (any…). Returns: string.
/// Errors: none. Source: sprig `squote`.
fn squote(values: &[Value]) -> Str {
    each(values, |value| [b"'", sprint(value).as_bytes(), b"'"].concat())
}

/// The bytes of a text from one place to another.
///
/// Takes: start (int; negative: the beginning), end (int; negative or behind the text: its
/// end), text (string). Returns: string.
/// Errors: Go's, for bounds outside the text or crossing. Source: sprig `substr`. Bytes: a cut
/// may split a character.
fn substr(start: Int, end: Int, text: &Str) -> Result<Str> {
    let (Int(start), Int(end)) = (start, end);
    let length = text.len() as i64;
    let bounds = if start < 0 {
        match end {
            ..0 => Err(format!("[:{end}]")),
            _ if end > length => Err(format!("[:{end}] with length {length}")),
            _ => Ok((0, end)),
        }
    } else {
        let end = if end < 0 { length } else { end.min(length) };
        if start > end { Err(format!("[{start}:{end}]")) } else { Ok((start, end)) }
    };
    let (start, end) = bounds.map_err(|bounds| {
        Fault::function(format!("runtime error: slice bounds out of range {bounds}"))
    })?;
    Ok(text.as_bytes()[start as usize..end as usize].into())
}

/// A value as text: strings as they are, anything else printed.
///
/// Takes: value (any). Returns: string.
/// Errors: none. Source: sprig `toString`.
fn to_string(value: &Value) -> Str {
    strval(value)
}

/// The items of a list as texts; nils are left out.
///
/// Takes: list (any). Returns: list of strings; of a value that is no list, the value alone.
/// Errors: none. Source: sprig `toStrings`.
fn to_strings(list: &Value) -> List {
    match list {
        Value::Nil => List::strings::<Str>([]),
        Value::List(strings) if strings.ty() == crate::value::ListType::String => strings.clone(),
        _ => match lists::elements(list) {
            Some(items) => List::strings(present(&items).map(strval)),
            None => List::strings([strval(list)]),
        },
    }
}

/// A text without the white space around it.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `trim`.
fn trim(text: &Str) -> Str {
    trimmed(text, unicode::is_space)
}

/// A text without any of the given characters around it.
///
/// Takes: characters (string), text (string). Returns: string.
/// Errors: none. Source: sprig `trimAll`, `trimall`.
fn trim_all(characters: &Str, text: &Str) -> Str {
    let set: Vec<char> = characters.runes().collect();
    trimmed(text, |c| set.contains(&c))
}

/// A text without a part at its beginning, once.
///
/// Takes: part (string), text (string). Returns: string.
/// Errors: none. Source: sprig `trimPrefix`.
fn trim_prefix(part: &Str, text: &Str) -> Str {
    text.as_bytes().strip_prefix(part.as_bytes()).map_or_else(|| text.clone(), Str::from)
}

/// A text without a part at its end, once.
///
/// Takes: part (string), text (string). Returns: string.
/// Errors: none. Source: sprig `trimSuffix`.
fn trim_suffix(part: &Str, text: &Str) -> Str {
    text.as_bytes().strip_suffix(part.as_bytes()).map_or_else(|| text.clone(), Str::from)
}

/// Cuts a text to its first bytes; a negative length keeps the last ones.
///
/// Takes: length (int), text (string). Returns: string.
/// Errors: none; a length beyond the text returns it whole.
/// Source: sprig `trunc`. Bytes: a cut may split a character.
fn trunc(length: Int, text: &Str) -> Str {
    let bytes = text.as_bytes();
    let size = usize::try_from(length.0.unsigned_abs()).unwrap_or(usize::MAX);
    match length.0 {
        _ if size >= bytes.len() => text.clone(),
        ..0 => bytes[bytes.len() - size..].into(),
        _ => bytes[..size].into(),
    }
}

/// A text in upper case, one character to one character: `ß` stays.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `upper`.
fn upper(text: &Str) -> Str {
    recased(text, u8::to_ascii_uppercase, unicode::to_upper)
}

/// The values that are not nil.
fn present(values: &[Value]) -> impl Iterator<Item = &Value> {
    values.iter().filter(|value| !matches!(value, Value::Nil))
}

/// What becomes of each value that is not nil, with blanks between.
fn each(values: &[Value], become_text: impl Fn(&Value) -> Vec<u8>) -> Str {
    match values {
        [Value::Nil] => Str::from(""),
        [only] => become_text(only).into(),
        values => present(values).map(become_text).collect::<Vec<_>>().join(&b' ').into(),
    }
}

fn concatenate(parts: &[Str], separator: &[u8]) -> Str {
    let parts: Vec<&[u8]> = parts.iter().map(Str::as_bytes).collect();
    parts.join(separator).into()
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.windows(part.len()).position(|window| window == part)
}

/// Go's `strings.SplitN`.
fn pieces<'a>(text: &'a [u8], separator: &[u8], count: i64) -> Vec<&'a [u8]> {
    let most = if count < 0 { usize::MAX } else { count as usize };
    let mut pieces = Vec::new();
    if most == 0 {
        return pieces;
    }
    let mut rest = text;
    if separator.is_empty() {
        for (_, bytes) in unicode::runes(text) {
            if pieces.len() + 1 == most {
                break;
            }
            pieces.push(bytes);
            rest = &rest[bytes.len()..];
        }
        if !rest.is_empty() {
            pieces.push(rest);
        }
        return pieces;
    }
    while pieces.len() + 1 < most
        && let Some(at) = find(rest, separator)
    {
        pieces.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    pieces.push(rest);
    pieces
}

fn indented(cx: &mut dyn Runtime, before: &[u8], spaces: Int, text: &Str) -> Result<Str> {
    let spaces =
        usize::try_from(spaces.0).map_err(|_| Fault::function("strings: negative Repeat count"))?;
    let bytes = text.as_bytes();
    let lines = bytes.split(|&byte| byte == b'\n').count();
    let length = lines.saturating_mul(spaces).saturating_add(before.len() + bytes.len());
    cx.charge(length)?;
    let pad = vec![b' '; spaces];
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(before);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        out.extend_from_slice(&pad);
        out.extend_from_slice(line);
    }
    if bytes.last().is_none_or(|&last| last == b'\n') {
        out.extend_from_slice(&pad);
    }
    Ok(out.into())
}

fn trimmed(text: &Str, drop: impl Fn(char) -> bool) -> Str {
    let runes: Vec<(char, &[u8])> = unicode::runes(text.as_bytes()).collect();
    let width = |(_, bytes): &(char, &[u8])| bytes.len();
    let front = runes.iter().take_while(|(c, _)| drop(*c));
    let front: usize = front.map(width).sum();
    if front == text.len() {
        return Str::from("");
    }
    let back: usize = runes.iter().rev().take_while(|(c, _)| drop(*c)).map(width).sum();
    text.as_bytes()[front..text.len() - back].into()
}

fn recased(text: &Str, ascii: fn(&u8) -> u8, change: fn(char) -> char) -> Str {
    if text.as_bytes().is_ascii() {
        return text.as_bytes().iter().map(ascii).collect::<Vec<u8>>().into();
    }
    unicode::map(text.as_bytes(), change).into()
}
