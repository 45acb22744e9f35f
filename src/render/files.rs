//! `.Files`: the chart's files that are neither templates nor values.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::chart::File;
use crate::diag::Result;
use crate::funcs::{Runtime, Ty};
use crate::value::{Kind, List, Map, MapType, Method, Object, Str, Value};

/// Go's `engine.files`: path to content, with methods.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, Bytes>);

impl Files {
    /// From a chart's files; the last of two equal names wins.
    pub fn new(files: &[File]) -> Self {
        Files(files.iter().map(|file| (file.name.clone(), file.data.clone())).collect())
    }

    /// The content of a path.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(|data| &**data)
    }

    /// Paths and contents in byte order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, data)| (name.as_str(), &**data))
    }

    /// The files whose path matches a pattern; every file when the pattern is broken, as in
    /// Helm.
    #[must_use]
    pub fn glob(&self, pattern: &str) -> Files {
        let regex = glob_regex(pattern);
        let matched =
            self.0.iter().filter(|(name, _)| regex.as_ref().is_none_or(|r| r.is_match(name)));
        Files(matched.map(|(name, data)| (name.clone(), data.clone())).collect())
    }

    /// Lines of a file: split at `\n`, one trailing newline dropped; none for a missing file.
    pub fn lines(&self, name: &str) -> Vec<&[u8]> {
        match self.get(name) {
            None | Some([]) => Vec::new(),
            Some(data) => data.strip_suffix(b"\n").unwrap_or(data).split(|&b| b == b'\n').collect(),
        }
    }

    /// Base name to content through `encode`, as YAML without the final newline. Of colliding
    /// base names the last path wins (in Helm a random one).
    fn to_yaml_by_base(&self, encode: impl Fn(&[u8]) -> Str) -> Str {
        let map = Map::typed(MapType::String);
        for (name, data) in self.iter() {
            let base = name.rsplit('/').next().unwrap_or(name);
            map.insert(base, encode(data));
        }
        match crate::yaml::emit::to_yaml(&Value::Map(map)) {
            Ok(mut text) => {
                if text.last() == Some(&b'\n') {
                    text.pop();
                }
                Str::from(text)
            }
            Err(_) => Str::from(""),
        }
    }
}

/// A pattern in the syntax of Helm's glob library (`*` within a folder, `**` across, `?`,
/// `[ab]`, `[!a-z]`, `{a,b}`) as a regular expression; none when it is broken.
fn glob_regex(pattern: &str) -> Option<regex::Regex> {
    let mut out = String::from("(?s)^");
    let mut chars = pattern.chars().peekable();
    let mut depth = 0usize;
    let push = |out: &mut String, c: char| out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    while let Some(c) = chars.next() {
        match c {
            '*' => {
                if chars.peek() == Some(&'*') {
                    chars.next();
                    out.push_str(".*");
                } else {
                    out.push_str("[^/]*");
                }
            }
            '?' => out.push_str("[^/]"),
            '\\' => push(&mut out, chars.next()?),
            '{' => {
                depth += 1;
                out.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            '[' => {
                let negated = chars.next_if_eq(&'!').is_some();
                let mut set = Vec::new();
                loop {
                    match chars.next()? {
                        ']' => break,
                        '\\' => set.push(chars.next()?),
                        c => set.push(c),
                    }
                }
                if set.is_empty() {
                    return None;
                }
                out.push_str(if negated { "[^" } else { "[" });
                if let [low, '-', high] = set[..] {
                    push(&mut out, low);
                    out.push('-');
                    push(&mut out, high);
                } else {
                    for c in set {
                        push(&mut out, c);
                    }
                }
                out.push(']');
            }
            c => push(&mut out, c),
        }
    }
    if depth > 0 {
        return None;
    }
    out.push('$');
    regex::Regex::new(&out).ok()
}

impl Object for Files {
    fn type_name(&self) -> &'static str {
        "engine.files"
    }
    fn kind(&self) -> Kind {
        Kind::Map
    }
    fn truth(&self) -> bool {
        !self.0.is_empty()
    }
    /// `.Files.name` is a map lookup in Go: a missing file is a nil slice.
    fn field(&self, name: &str) -> Option<Value> {
        Some(Value::Bytes(Str::from(self.get(name).unwrap_or_default())))
    }
    fn method(&self, name: &str) -> Option<Method> {
        let params: &'static [Ty] = match name {
            "Get" | "GetBytes" | "Glob" | "Lines" => &[Ty::Str],
            "AsConfig" | "AsSecrets" => &[],
            _ => return None,
        };
        Some(Method { params, variadic: false })
    }
    fn call(&self, name: &str, _cx: &mut dyn Runtime, args: &[Value]) -> Result<Value> {
        let path = match args {
            [Value::Str(path)] => path.to_str_lossy().into_owned(),
            _ => String::new(),
        };
        Ok(match name {
            "Get" => Value::str(self.get(&path).unwrap_or_default()),
            "GetBytes" => Value::Bytes(Str::from(self.get(&path).unwrap_or_default())),
            "Glob" => Value::object(self.glob(&path)),
            "Lines" => Value::List(List::strings(self.lines(&path))),
            "AsConfig" => Value::Str(self.to_yaml_by_base(|data| Str::from(data))),
            "AsSecrets" => Value::Str(self.to_yaml_by_base(|data| {
                use base64::Engine as _;
                Str::from(base64::engine::general_purpose::STANDARD.encode(data))
            })),
            _ => Value::Nil,
        })
    }
    fn entries(&self) -> Option<Vec<(Value, Value)>> {
        let entry = |(name, data): (&str, &[u8])| (Value::str(name), Value::Bytes(Str::from(data)));
        Some(self.iter().map(entry).collect())
    }
    fn to_json(&self) -> Value {
        let map = Map::new();
        for (name, data) in self.iter() {
            map.insert(name, Value::Bytes(Str::from(data)));
        }
        Value::Map(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pattern: &str) -> String {
        let all = ["a.txt", "d/b.txt", "d/e/c.txt", "conf/x.toml", "conf/y.yaml"];
        let files: Vec<File> = all
            .iter()
            .map(|name| File { name: (*name).to_string(), data: Bytes::from_static(b"x") })
            .collect();
        let matched = Files::new(&files).glob(pattern);
        matched.iter().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn globs_match_as_in_helm() {
        assert_eq!(names("*.txt"), "a.txt");
        assert_eq!(names("**.txt"), "a.txt d/b.txt d/e/c.txt");
        assert_eq!(names("d/**/c.txt"), "d/e/c.txt");
        assert_eq!(names("conf/{x,y}.*"), "conf/x.toml conf/y.yaml");
        assert_eq!(names("conf/[!x].yaml"), "conf/y.yaml");
        assert_eq!(names("[a-c].txt"), "a.txt");
        assert_eq!(names("{a"), names("**"));
    }
}
