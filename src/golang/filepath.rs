//! `path.Match`, `path.Clean` and `path.Join`: shell patterns and lexical paths, as in Go.

/// The pattern is malformed: Go's `syntax error in pattern`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPattern;

/// Whether `name` matches `pattern` as a whole: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]`
/// are classes, `\` escapes.
///
/// Errors: a malformed pattern, wherever it is noticed while matching, as in Go.
pub fn matches(pattern: &[u8], name: &[u8]) -> Result<bool, BadPattern> {
    let (mut pattern, mut name) = (pattern, name);
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            // A trailing star takes everything up to a slash.
            return Ok(!name.contains(&b'/'));
        }
        if let Some(left) = match_chunk(chunk, name)?
            && (left.is_empty() || !pattern.is_empty())
        {
            name = left;
            continue;
        }
        if star {
            for skip in 0..name.len() {
                if name[skip] == b'/' {
                    break;
                }
                if let Some(left) = match_chunk(chunk, &name[skip + 1..])? {
                    // The last chunk must reach the end of the name.
                    if pattern.is_empty() && !left.is_empty() {
                        continue;
                    }
                    name = left;
                    continue 'pattern;
                }
            }
        }
        // What remains is checked for syntax alone.
        while !pattern.is_empty() {
            let (_, chunk, rest) = scan_chunk(pattern);
            pattern = rest;
            match_chunk(chunk, b"")?;
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// Splits off leading stars and the literal stretch up to the next star.
fn scan_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
    let pattern = &pattern[stars..];
    let mut in_class = false;
    let mut at = 0;
    while at < pattern.len() {
        match pattern[at] {
            b'\\' if at + 1 < pattern.len() => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    let at = at.min(pattern.len());
    (stars > 0, &pattern[..at], &pattern[at..])
}

fn first_char(text: &[u8]) -> (char, usize) {
    let head = &text[..text.len().min(4)];
    match head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()) {
        Some(c) => (c, c.len_utf8()),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// Matches a stretch without stars at the start of `name`; gives what is left of it.
fn match_chunk<'a>(mut chunk: &[u8], name: &'a [u8]) -> Result<Option<&'a [u8]>, BadPattern> {
    let mut name = name;
    // After a mismatch only the syntax of the rest is checked.
    let mut failed = false;
    while let Some(&byte) = chunk.first() {
        failed |= name.is_empty();
        match byte {
            b'[' => {
                let mut c = '\0';
                if !failed {
                    let (first, length) = first_char(name);
                    c = first;
                    name = &name[length..];
                }
                chunk = &chunk[1..];
                let negated = chunk.first() == Some(&b'^');
                if negated {
                    chunk = &chunk[1..];
                }
                let mut hit = false;
                let mut ranges = 0;
                loop {
                    if chunk.first() == Some(&b']') && ranges > 0 {
                        chunk = &chunk[1..];
                        break;
                    }
                    let low = class_char(&mut chunk)?;
                    let mut high = low;
                    if chunk.first() == Some(&b'-') {
                        chunk = &chunk[1..];
                        high = class_char(&mut chunk)?;
                    }
                    hit |= low <= c && c <= high;
                    ranges += 1;
                }
                failed |= hit == negated;
            }
            b'?' => {
                if !failed {
                    failed = name[0] == b'/';
                    name = &name[first_char(name).1..];
                }
                chunk = &chunk[1..];
            }
            mut byte => {
                if byte == b'\\' {
                    chunk = &chunk[1..];
                    byte = *chunk.first().ok_or(BadPattern)?;
                }
                if !failed {
                    failed = byte != name[0];
                    name = &name[1..];
                }
                chunk = &chunk[1..];
            }
        }
    }
    Ok((!failed).then_some(name))
}

/// One possibly escaped character of a class.
fn class_char(chunk: &mut &[u8]) -> Result<char, BadPattern> {
    match chunk.first() {
        None | Some(b'-' | b']') => return Err(BadPattern),
        Some(b'\\') => *chunk = &chunk[1..],
        _ => {}
    }
    if chunk.is_empty() {
        return Err(BadPattern);
    }
    let (c, length) = first_char(chunk);
    if c == char::REPLACEMENT_CHARACTER && length == 1 {
        return Err(BadPattern);
    }
    *chunk = &chunk[length..];
    // A class must still be closed.
    if chunk.is_empty() { Err(BadPattern) } else { Ok(c) }
}

/// The shortest equivalent path, by its text alone: `a//b/../c` is `a/c`, nothing is `.`.
pub fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.first() == Some(&b'/');
    let mut elements: Vec<&[u8]> = Vec::new();
    for element in path.split(|&byte| byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." => match elements.last() {
                Some(&last) if last != b".." => {
                    elements.pop();
                }
                _ if rooted => {}
                _ => elements.push(element),
            },
            _ => elements.push(element),
        }
    }
    let joined = elements.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// Joins two paths and cleans the result; an empty one is left out.
pub fn join(first: &str, second: &str) -> String {
    let joined = match (first.is_empty(), second.is_empty()) {
        (true, true) => return String::new(),
        (true, false) => second.to_string(),
        (false, true) => first.to_string(),
        (false, false) => format!("{first}/{second}"),
    };
    clean_text(&joined)
}

/// The last part of a path, without slashes at its end.
pub fn base(path: &str) -> String {
    let bare = path.trim_end_matches('/');
    match (path.is_empty(), bare.is_empty()) {
        (true, _) => ".".to_owned(),
        (_, true) => "/".to_owned(),
        _ => bare.rsplit('/').next().unwrap_or(bare).to_owned(),
    }
}

/// All but the last part of a path, cleaned; `a` of `a/`.
pub fn dir(path: &str) -> String {
    clean_text(path.rfind('/').map_or("", |at| &path[..=at]))
}

/// [`clean`] for text.
pub fn clean_text(path: &str) -> String {
    String::from_utf8_lossy(&clean(path.as_bytes())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_and_the_rest() {
        for (path, last, rest) in [
            ("a/b", "b", "a"),
            ("a/b/", "b", "a/b"),
            ("", ".", "."),
            ("/", "/", "/"),
            ("a", "a", "."),
        ] {
            assert_eq!((base(path).as_str(), dir(path).as_str()), (last, rest), "{path}");
        }
    }

    #[test]
    fn agrees_with_go() {
        // From running Go's path.Match.
        let rows: &[(&str, &str, Result<bool, BadPattern>)] = &[
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[^c]", "abc", Ok(false)),
            ("ab[e-g]", "abf", Ok(true)),
            ("a\\*b", "a*b", Ok(true)),
            ("a???b", "a\u{263a}b", Ok(false)),
            ("a?b", "a\u{263a}b", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("templates/**", "templates/a/b", Ok(false)),
            ("*x", "xxx", Ok(true)),
            ("[\\]a]", "]", Ok(true)),
            ("[a", "a", Err(BadPattern)),
            ("a[", "a", Err(BadPattern)),
            ("\\", "a", Err(BadPattern)),
            ("a?b", "a/b", Ok(false)),
            ("", "", Ok(true)),
        ];
        for (pattern, name, expected) in rows {
            assert_eq!(
                matches(pattern.as_bytes(), name.as_bytes()),
                *expected,
                "{pattern} on {name}"
            );
        }
    }
}
