//! From a place in rendered output back to the template that wrote it and the values behind it.

use crate::chart::Chart;
use crate::doc::{Doc, Node};
use crate::mapping::{Origin, TextMap};
use crate::source::{Sources, Span};
use crate::values::explain::{Step, look_up, why};
use crate::values::layers::Layer;

/// A value that went into a piece of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Its path in the values of the root chart: `service.port`.
    pub path: String,
    /// The value, when it is a scalar.
    pub value: Option<String>,
    /// What supplied it: `prod.yaml:7:11`, `--set service.port=80`.
    pub place: String,
    /// What it won over, the strongest first.
    pub over: Vec<String>,
}

/// What wrote a piece of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// The template.
    pub template: String,
    /// Its file, if the chart is a folder.
    pub file: Option<String>,
    /// Line in it, from one.
    pub line: u32,
    /// Column in it, from one.
    pub col: u32,
    /// The line of the template.
    pub text: String,
    /// Characters of that line to underline, from and to.
    pub marked: (usize, usize),
    /// Whether the output is template text as it stands.
    pub literal: bool,
    /// The line of the output.
    pub rendered: String,
    /// Where the rendered file calls the template, when that is another place: name and line.
    pub caller: Option<(String, u32)>,
    /// Values behind it, the likeliest first; at most three.
    pub values: Vec<Behind>,
}

/// What leads back: the chart, its composed values and what each layer of the user said.
pub struct Guide<'a> {
    /// The root chart.
    pub chart: &'a Chart,
    /// Texts of values files and flags.
    pub sources: &'a Sources,
    /// The composed values.
    pub values: &'a Doc,
    /// Files and flags of the user.
    pub layers: &'a [Layer],
    /// The working directory with a slash, which places below it are shown without.
    pub folder: &'a str,
}

/// What stands for a value that must not be shown.
pub const HIDDEN: &str = "***";

/// A piece of a rendered file.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// What wrote the file.
    pub map: &'a TextMap,
    /// The file.
    pub text: &'a [u8],
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The field that it holds, `spec.ports[0].port`, if it is one.
    pub field: &'a str,
}

/// Values that are listed at most.
const SHOWN: usize = 3;

impl Guide<'_> {
    /// What wrote a piece of output; none when nothing is known of it.
    pub fn trail(&self, piece: Piece<'_>) -> Option<Trail> {
        let found = piece.text.get(piece.start..piece.end).unwrap_or_default();
        let is_short = !found.contains(&b'\n');
        let end = if is_short { piece.end } else { piece.start + 1 };
        let writer = piece.map.writer(piece.start, end)?;
        let text = line_at(&writer.template.text, writer.offset);
        let marked = marked(&writer.template.text, writer.offset, writer.literal);
        let scalar = is_short.then(|| plain(found));
        let col = if writer.literal { marked.0 as u32 + 1 } else { writer.at.col + 1 };
        Some(Trail {
            file: None,
            template: writer.template.name.clone(),
            line: writer.at.line,
            col,
            text,
            marked,
            literal: writer.literal,
            rendered: line_at(piece.text, piece.start).trim().to_owned(),
            caller: writer.caller.map(|(template, at)| (template.name.clone(), at.line)),
            values: self.behind(writer.values, piece.field, scalar.as_deref()),
        })
    }

    /// The values behind an expression. A table that was printed whole is followed down the
    /// field's path; values that are what was found come first.
    fn behind(&self, origins: &[Origin], field: &str, found: Option<&str>) -> Vec<Behind> {
        let mut known: Vec<(bool, Behind)> = Vec::new();
        for origin in origins {
            let Some((mut path, mut doc)) = find(self.values, origin.span) else { continue };
            if let Some(item) = origin.item {
                path.push(Step::Index(item as usize));
                let Some(inner) = doc.as_list().and_then(|list| list.get(item as usize)) else {
                    continue;
                };
                doc = inner;
            }
            if let Some((more, inner)) = descend(doc, field) {
                path.extend(more);
                doc = inner;
            }
            let shown = shown(doc);
            let is_it = shown.is_some()
                && shown.as_deref().map(|it| plain(it.as_bytes())) == found.map(str::to_owned);
            let path_text = path_text(&path);
            if known.iter().any(|(_, other)| other.path == path_text) {
                continue;
            }
            let words = why(self.chart, self.sources, self.layers, self.values, &path);
            let shown_place =
                |place: &str| place.strip_prefix(self.folder).unwrap_or(place).to_owned();
            let place = shown_place(&self.sources.describe(doc.span));
            let mut over: Vec<String> = words.iter().map(|word| shown_place(&word.place)).collect();
            over.retain(|other| !other.is_empty() && *other != place);
            over.reverse();
            known.push((is_it, Behind { path: path_text, value: shown, place, over }));
        }
        // Where one value is what was found, the others decided something else.
        if known.iter().any(|(is_it, _)| *is_it) {
            known.retain(|(is_it, _)| *is_it);
        }
        known.into_iter().map(|(_, behind)| behind).take(SHOWN).collect()
    }
}

impl Trail {
    /// The trail without the value that it leads to.
    #[must_use]
    pub fn concealed(mut self) -> Self {
        let key = self.rendered.find(": ").map_or(0, |at| at + 2);
        self.rendered.replace_range(key.., HIDDEN);
        if self.literal {
            let (from, to) = self.marked;
            let text: Vec<char> = self.text.chars().collect();
            let key = text[from..to.min(text.len())].windows(2).position(|pair| pair == [':', ' ']);
            let from = key.map_or(from, |at| from + at + 2);
            self.text = text[..from].iter().collect::<String>() + HIDDEN;
            self.marked = (from, from + HIDDEN.len());
        }
        for behind in &mut self.values {
            behind.value = None;
            for place in behind.over.iter_mut().chain([&mut behind.place]) {
                // What a flag says is the value.
                if place.starts_with("--")
                    && let Some(value) = place.find('=')
                {
                    place.replace_range(value + 1.., HIDDEN);
                }
            }
        }
        self
    }

    /// The trail in lines of text, without the place that heads it: the template's line with the
    /// expression underlined, what it was rendered as, the way in, the values.
    pub fn lines(&self, underline: impl Fn(&str) -> String) -> Vec<String> {
        let number = self.line.to_string();
        let gap = " ".repeat(number.len());
        let (from, to) = self.marked;
        let marks = underline(&"^".repeat(to.saturating_sub(from).max(1)));
        let mut rendered: String = self.rendered.chars().take(100).collect();
        if rendered.len() < self.rendered.len() {
            rendered.push('…');
        }
        let note = if self.literal { String::new() } else { format!(" rendered as `{rendered}`") };
        let mut lines = vec![
            format!("{gap} |"),
            format!("{number} | {}", self.text),
            format!("{gap} | {}{marks}{note}", " ".repeat(from)),
        ];
        if let Some((template, line)) = &self.caller {
            lines.push(format!("  = used by {template}:{line}"));
        }
        for behind in &self.values {
            let value = behind.value.as_ref().map(|value| format!(" = {value}"));
            let over = match behind.over.as_slice() {
                [] => String::new(),
                over => format!(" (overrides {})", over.join(", ")),
            };
            lines.push(format!(
                "  = value: {}{} from {}{over}",
                behind.path,
                value.unwrap_or_default(),
                behind.place
            ));
        }
        lines
    }
}

fn line_at(text: &[u8], offset: usize) -> String {
    let offset = offset.min(text.len());
    let start = text[..offset].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = text[start..].split(|&byte| byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line).trim_end().replace('\t', " ")
}

/// Characters of the line to underline: the whole action around an offset, or the text from it.
fn marked(text: &[u8], offset: usize, literal: bool) -> (usize, usize) {
    let offset = offset.min(text.len());
    let start = text[..offset].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = text[start..].split(|&byte| byte == b'\n').next().unwrap_or_default();
    let at = offset - start;
    let chars = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().count();
    let (mut from, mut to) = (at, line.trim_ascii_end().len().max(at + 1));
    if literal {
        from = from.min(line.len() - line.trim_ascii_start().len());
        // A key and its value; what follows a tag is another's.
        if let Some(tag) = memchr::memmem::find(&line[at.min(line.len())..], b"{{") {
            to = (at + tag).max(at + 1);
        }
    } else {
        if let Some(open) = memchr::memmem::rfind(&line[..at.min(line.len())], b"{{") {
            from = open;
        }
        if let Some(close) = memchr::memmem::find(&line[at.min(line.len())..], b"}}") {
            to = at + close + 2;
        }
    }
    (chars(&line[..from.min(line.len())]), chars(&line[..to.min(line.len())]))
}

/// A scalar without quotes, as text and values are compared.
fn plain(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let text = text.trim();
    let inner = text.strip_prefix(['"', '\'']).and_then(|rest| rest.strip_suffix(['"', '\'']));
    inner.unwrap_or(text).to_owned()
}

fn shown(doc: &Doc) -> Option<String> {
    Some(match &doc.node {
        Node::Str(text) => {
            let text = text.to_str_lossy();
            let mut short: String = text.chars().take(60).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            format!("{short:?}")
        }
        Node::Int(value) | Node::Int64(value) => value.to_string(),
        Node::Float(value) => value.to_string(),
        Node::Bool(value) => value.to_string(),
        Node::Null => "null".to_owned(),
        Node::List(_) | Node::Map(_) => return None,
    })
}

/// The shortest way to the node that stands at a place.
fn find(doc: &Doc, span: Span) -> Option<(Vec<Step>, &Doc)> {
    let mut level: Vec<(Vec<Step>, &Doc)> = vec![(Vec::new(), doc)];
    while !level.is_empty() {
        let mut next = Vec::new();
        for (path, doc) in level {
            if doc.span == span && !path.is_empty() {
                return Some((path, doc));
            }
            let mut push = |step: Step, doc| {
                let mut path = path.clone();
                path.push(step);
                next.push((path, doc));
            };
            match &doc.node {
                Node::Map(map) => {
                    map.iter().for_each(|(key, doc)| push(Step::Key(key.to_string()), doc));
                }
                Node::List(list) => {
                    list.iter().enumerate().for_each(|(at, doc)| push(Step::Index(at), doc));
                }
                _ => {}
            }
        }
        level = next;
    }
    None
}

/// The longest end of a field's path that leads somewhere from a table or list.
fn descend<'d>(doc: &'d Doc, field: &str) -> Option<(Vec<Step>, &'d Doc)> {
    if doc.as_map().is_none() && doc.as_list().is_none() {
        return None;
    }
    let steps = field_steps(field);
    (0..steps.len()).find_map(|start| {
        let end = &steps[start..];
        look_up(doc, end).map(|found| (end.to_vec(), found))
    })
}

/// The steps of a field in the server's notation: `a.b[0]["x.y/z"]`.
fn field_steps(field: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = field;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix("[\"") {
            let Some(end) = inner.find("\"]") else { break };
            steps.push(Step::Key(inner[..end].replace("\\\"", "\"")));
            rest = &inner[end + 2..];
        } else if let Some(inner) = rest.strip_prefix('[') {
            let Some(end) = inner.find(']') else { break };
            steps.extend(inner[..end].parse().map(Step::Index));
            rest = &inner[end + 1..];
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                break;
            }
            steps.push(Step::Key(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    steps
}

/// A path into values as it is written in templates and flags.
fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => crate::doc::decode::push_key(&mut text, key),
            Step::Index(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_steps() {
        let key = |text: &str| Step::Key(text.to_owned());
        let steps = field_steps("a.b[0][\"x.y/z\"].c");
        assert_eq!(steps, [key("a"), key("b"), Step::Index(0), key("x.y/z"), key("c")]);
        assert_eq!(path_text(&steps), "a.b[0][\"x.y/z\"].c");
    }

    #[test]
    fn actions_are_underlined_whole() {
        assert_eq!(marked(b"a\n  b: {{ .x }} c\n", 10, false), (5, 13));
        assert_eq!(marked(b"a\n  b: c\n", 4, true), (2, 6));
        assert_eq!(marked(b"  b: x{{ .x }}\n", 2, true), (2, 6));
    }
}
