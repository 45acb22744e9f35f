//! What a values schema refuses, in the words of Helm before 3.18.
//!
//! It had another validator then, and suites still quote it: `- a.b: Invalid type. Expected:
//! string, given: integer` for `- at '/a/b': got number, want string`. What its words tell and the
//! newer ones do not (whether a number is whole, the order of types, the nearest of several
//! schemas) is tried in turn.

use std::fmt::Write as _;

use crate::golang::quote::quote;

/// Most texts of one refusal.
const MOST: usize = 32;

/// A line of a refusal, and the lines indented below it.
#[derive(Debug, Default)]
struct Finding {
    path: String,
    text: String,
    causes: Vec<Finding>,
}

/// What the newer words leave open.
#[derive(Clone, Copy)]
struct Guess {
    whole: bool,
    reversed: bool,
    branch: usize,
}

/// The texts that an older Helm may have had for a refusal; none for other errors.
pub(super) fn older(text: &str) -> Vec<String> {
    let Some((head, _)) = text.split_once("\n- at '") else { return Vec::new() };
    if !head.starts_with("values don't meet the specifications of the schema(s)") {
        return Vec::new();
    }
    let branches = text.matches("\n  ").count().clamp(1, MOST / 4);
    let mut texts = Vec::new();
    for branch in 0..branches {
        for (whole, reversed) in [(true, false), (false, false), (true, true), (false, true)] {
            let made = translated(text, Guess { whole, reversed, branch });
            if !texts.contains(&made) {
                texts.push(made);
            }
        }
    }
    texts
}

fn translated(text: &str, guess: Guess) -> String {
    let mut out = String::new();
    let mut lines = text.lines().filter(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let Some((depth, mut finding)) = finding(line) else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        while let Some((deeper, cause)) =
            lines.peek().and_then(|line| self::finding(line)).filter(|(below, _)| *below > depth)
        {
            finding.insert(deeper - depth, cause);
            lines.next();
        }
        finding.write(guess, &mut out);
    }
    out
}

/// A line's depth and what it says.
fn finding(line: &str) -> Option<(usize, Finding)> {
    let bare = line.trim_start();
    let (path, rest) = quoted(bare.strip_prefix("- at ")?)?;
    let text = rest.strip_prefix(": ")?.to_owned();
    Some(((line.len() - bare.len()) / 2, Finding { path, text, causes: Vec::new() }))
}

impl Finding {
    fn insert(&mut self, depth: usize, finding: Finding) {
        match self.causes.last_mut().filter(|_| depth > 1) {
            Some(last) => last.insert(depth - 1, finding),
            None => self.causes.push(finding),
        }
    }

    fn write(&self, guess: Guess, out: &mut String) {
        let field = field(&self.path);
        let say = |out: &mut String, what: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "- {field}: {what}");
        };
        match self.text.as_str() {
            "'allOf' failed" => {
                self.write_causes(guess, out);
                say(out, "Must validate all the schemas (allOf)");
            }
            "'anyOf' failed" => {
                say(out, "Must validate at least one schema (anyOf)");
                self.write_nearest(guess, out);
            }
            text if text.starts_with("'oneOf' failed") => {
                say(out, "Must validate one and only one schema (oneOf)");
                self.write_nearest(guess, out);
            }
            _ if !self.causes.is_empty() => self.write_causes(guess, out),
            text => {
                for what in leaf(text, &field, guess) {
                    say(out, &what);
                }
            }
        }
    }

    fn write_causes(&self, guess: Guess, out: &mut String) {
        self.causes.iter().for_each(|cause| cause.write(guess, out));
    }

    fn write_nearest(&self, guess: Guess, out: &mut String) {
        if let Some(cause) = self.causes.get(guess.branch).or(self.causes.last()) {
            cause.write(guess, out);
        }
    }
}

/// `a.b.0` for `/a/b/0`.
fn field(path: &str) -> String {
    match path.strip_prefix('/') {
        None => "(root)".to_owned(),
        Some(steps) => steps.replace('/', ".").replace("~1", "/").replace("~0", "~"),
    }
}

/// The sentences for one finding that has none below it.
fn leaf(text: &str, field: &str, guess: Guess) -> Vec<String> {
    if let Some((given, wanted)) = text.strip_prefix("got ").and_then(|it| it.split_once(", want "))
    {
        let given = if given == "number" && guess.whole { "integer" } else { given };
        let mut types: Vec<&str> = wanted.split(" or ").collect();
        if guess.reversed {
            types.reverse();
        }
        let wanted = match types.as_slice() {
            [one] => (*one).to_owned(),
            several => format!("[{}]", several.join(",")),
        };
        return vec![format!("Invalid type. Expected: {wanted}, given: {given}")];
    }
    let named = |prefixes: &[&str], say: &dyn Fn(&str) -> String| {
        let list = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix))?;
        Some(words(list).iter().map(|(name, _)| say(name)).collect::<Vec<_>>())
    };
    let missing = &["missing property ", "missing properties "];
    let found = named(missing, &|name| format!("{name} is required"))
        .or_else(|| {
            named(&["additional properties "], &|name| {
                format!("Additional property {name} is not allowed")
            })
        })
        .or_else(|| named(&["properties "], &|name| format!("Has a dependency on {name}")));
    if let Some(sentences) = found {
        return sentences;
    }
    vec![sentence(text, field).unwrap_or_else(|| text.to_owned())]
}

fn sentence(text: &str, field: &str) -> Option<String> {
    let listed = |list: &str| {
        let shown = |(word, is_text): (String, bool)| match word.as_str() {
            _ if is_text => quote(word.as_bytes()),
            "<nil>" => "null".to_owned(),
            _ => word,
        };
        words(list).into_iter().map(shown).collect::<Vec<_>>().join(", ")
    };
    if let Some(list) = text.strip_prefix("value must be one of ") {
        return Some(format!("{field} must be one of the following: {}", listed(list)));
    }
    if let Some(value) = text.strip_prefix("value must be ") {
        return Some(format!("{field} does not match: {}", listed(value)));
    }
    if text == "'not' failed" {
        return Some("Must not validate the schema (not)".to_owned());
    }
    if text.starts_with("items at ") && text.ends_with(" are equal") {
        let indexes = text.strip_prefix("items at ")?.strip_suffix(" are equal")?;
        return Some(format!("array items[{}] must be unique", indexes.replace(" and ", ",")));
    }
    if let Some((_, rest)) = quoted(text) {
        if let Some(pattern) = rest.strip_prefix(" does not match pattern ") {
            return Some(format!("Does not match pattern '{}'", quoted(pattern)?.0));
        }
        let format = rest.strip_prefix(" is not valid ")?.split(':').next()?;
        return Some(format!("Does not match format '{format}'"));
    }
    let (keyword, bound) = (text.split_once(": got ")?.0, text.rsplit_once(", want ")?.1);
    let bound = bound.replace(',', "");
    Some(match keyword {
        "minLength" => format!("String length must be greater than or equal to {bound}"),
        "maxLength" => format!("String length must be less than or equal to {bound}"),
        "minItems" => format!("Array must have at least {bound} items"),
        "maxItems" => format!("Array must have at most {bound} items"),
        "minProperties" => format!("Must have at least {bound} properties"),
        "maxProperties" => format!("Must have at most {bound} properties"),
        "minimum" => format!("Must be greater than or equal to {bound}"),
        "exclusiveMinimum" => format!("Must be greater than {bound}"),
        "maximum" => format!("Must be less than or equal to {bound}"),
        "exclusiveMaximum" => format!("Must be less than {bound}"),
        "multipleOf" => format!("Must be a multiple of {bound}"),
        _ => return None,
    })
}

/// The text in single quotes at the start, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut chars = text.strip_prefix('\'')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Some((word, &text[at + 2..])),
            '\\' => word.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => word.push(c),
        }
    }
    None
}

/// The words of a list, up to what is no longer one, and whether each was in quotes.
fn words(list: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut rest = list;
    loop {
        let (word, after) = match quoted(rest) {
            Some((word, after)) => ((word, true), after),
            None => {
                let end = rest.find([',', ' ']).unwrap_or(rest.len());
                ((rest[..end].to_owned(), false), &rest[end..])
            }
        };
        found.push(word);
        match after.strip_prefix(", ") {
            Some(more) if !more.starts_with("if ") => rest = more,
            _ => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::older;

    const HEAD: &str =
        "values don't meet the specifications of the schema(s) in the following chart(s):\n";

    #[test]
    fn sentences() {
        for (newer, wanted) in [
            (
                "'/a/b': got number, want string",
                "a.b: Invalid type. Expected: string, given: integer",
            ),
            ("'/a': got number, want string", "a: Invalid type. Expected: string, given: number"),
            (
                "'/a': got string, want null or boolean",
                "a: Invalid type. Expected: [boolean,null], given: string",
            ),
            ("'': missing property 'b'", "(root): b is required"),
            ("'': missing properties 'b', 'c'", "(root): b is required\n- (root): c is required"),
            (
                "'/m': additional properties 'x' not allowed",
                "m: Additional property x is not allowed",
            ),
            (
                "'/d': value must be one of <nil>, 'A', 1",
                "d: d must be one of the following: null, \"A\", 1",
            ),
            ("'/d': value must be 'A'", "d: d does not match: \"A\""),
            ("'/d/0': 'it\\'s' does not match pattern '^a'", "d.0: Does not match pattern '^a'"),
            ("'/d': minimum: got 1, want 1,024", "d: Must be greater than or equal to 1024"),
            (
                "'/d': minLength: got 0, want 1",
                "d: String length must be greater than or equal to 1",
            ),
            ("'/d': 'x' is not valid email: no @", "d: Does not match format 'email'"),
            ("'/d': properties 'e' required, if 'f' exists", "d: Has a dependency on e"),
        ] {
            let found = older(&format!("{HEAD}web:\n- at {newer}\n\n"));
            assert!(found.contains(&format!("{HEAD}web:\n- {wanted}\n")), "{found:?}");
        }
        assert!(older("parse error at (a:1): x").is_empty());
    }

    #[test]
    fn combinations() {
        let newer = "web:\n- at '': 'allOf' failed\n  - at '': 'anyOf' failed\n    - at '/a': got \
                     null, want string\n    - at '/b': got null, want string\n- at '/c': got null, \
                     want array\n";
        let wanted = "web:\n- (root): Must validate at least one schema (anyOf)\n- b: Invalid type. \
                      Expected: string, given: null\n- (root): Must validate all the schemas \
                      (allOf)\n- c: Invalid type. Expected: array, given: null\n";
        let found = older(&format!("{HEAD}{newer}"));
        assert!(found.contains(&format!("{HEAD}{wanted}")), "{found:?}");
    }
}
