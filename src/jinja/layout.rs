//! Where an expression stands in its YAML: a pass over template text before it is compiled.
//!
//! Every `{{ … }}` is classed by what stands around it on its line (alone, a whole scalar, part of
//! one, inside quotes) and wrapped in the filter of that class, so that a map alone on its line
//! becomes YAML at the tag's column and a whole scalar is quoted when YAML would misread it.
//! Lines keep their numbers and a table leads offsets back. Blind to values.

/// A template ready for the compiler, and the way back to the text it came from.
#[derive(Debug)]
pub(super) struct Prepared {
    /// What is compiled.
    pub(super) text: String,
    /// Copied runs as (offset in `text`, offset in the source, length), in order.
    runs: Vec<(usize, usize, usize)>,
}

impl Prepared {
    /// The source range of a range of the compiled text; a wrapper's is that of the expression
    /// it wraps.
    pub(super) fn source_range(&self, range: std::ops::Range<usize>) -> (usize, usize) {
        let find = |offset: usize| {
            let after = self.runs.partition_point(|run| run.0 <= offset);
            after.checked_sub(1).map_or((0, 0, 0), |at| self.runs[at])
        };
        let (out, source, len) = find(range.start);
        if range.start - out >= len {
            return (source, source + len);
        }
        let (end_out, end_source, end_len) = find(range.end);
        (source + (range.start - out), end_source + (range.end - end_out).min(end_len))
    }
}

/// Whether a template of this name writes YAML; others (`NOTES.txt.j2`, `start.sh.j2`) are text.
pub(super) fn is_yaml(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.strip_suffix(".j2").unwrap_or(file);
    match stem.rsplit_once('.') {
        Some((_, extension)) => matches!(extension, "yaml" | "yml" | "tpl"),
        None => true,
    }
}

/// Wraps the expressions of a YAML template.
pub(super) fn prepare(source: &str) -> Prepared {
    prepare_marked(source, None)
}

/// Numbers a place of the source: its offset, and whether it is text as it stands.
pub(super) type Number<'a> = &'a mut dyn FnMut(usize, bool) -> u32;

/// Like [`prepare`]; with `number`, a call of [`MARK`] with the number of the place goes before
/// the first word of each line and before each expression.
pub(super) fn prepare_marked<'a>(source: &'a str, number: Option<Number<'a>>) -> Prepared {
    let pieces = split(source);
    let mut out = Writer {
        source,
        text: String::with_capacity(source.len() * 2),
        runs: Vec::new(),
        break_in_tag: false,
        number,
        raw: false,
    };
    let mut scalar: Option<usize> = None;
    let mut line_start = 0;
    while line_start < pieces.len() {
        let line_end = end_of_line(source, &pieces, line_start);
        let line = &pieces[line_start..line_end];
        let view = LineView::new(source, line);
        let inside = view.follow_block_scalar(&mut scalar);
        write_line(&mut out, line, &view, inside);
        line_start = line_end;
    }
    Prepared { text: out.text, runs: out.runs }
}

/// The function that marks a place.
pub(super) const MARK: &str = "__mark";

/// What a piece of a template is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text that ends with a line break or before a tag.
    Text,
    /// `{{ … }}`; the fields are the bounds of what stands between the delimiters.
    Expr { inner: usize, inner_end: usize },
    /// `{% … %}` or `{# … #}`.
    Tag,
}

/// A piece of a template: its bytes from `start` to `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Piece {
    /// Whether an expression has a trim marker.
    fn trims(&self) -> bool {
        match self.kind {
            Kind::Expr { inner, inner_end } => inner > self.start + 2 || inner_end < self.end - 2,
            _ => false,
        }
    }
}

/// Cuts a template into tags and text; text is cut after each line break.
pub(super) fn split(source: &str) -> Vec<Piece> {
    let bytes = source.as_bytes();
    let mut pieces = Vec::new();
    let mut text_start = 0;
    let mut at = 0;
    let push_text = |pieces: &mut Vec<Piece>, from: usize, to: usize| {
        let mut start = from;
        for (offset, _) in source[from..to].match_indices('\n') {
            let end = from + offset + 1;
            pieces.push(Piece { kind: Kind::Text, start, end });
            start = end;
        }
        if start < to {
            pieces.push(Piece { kind: Kind::Text, start, end: to });
        }
    };
    while at + 1 < bytes.len() {
        let opener = (bytes[at], bytes[at + 1]);
        let end = match opener {
            (b'{', b'{') => tag_end(bytes, at + 2, b'}'),
            (b'{', b'%') => tag_end(bytes, at + 2, b'%'),
            (b'{', b'#') => source[at + 2..].find("#}").map(|found| at + 2 + found + 2),
            _ => {
                at += 1;
                continue;
            }
        };
        // An unclosed tag is the compiler's to report.
        let Some(end) = end else { break };
        push_text(&mut pieces, text_start, at);
        let kind = if opener.1 == b'{' {
            let trim = |offset: usize| usize::from(matches!(bytes[offset], b'-' | b'+'));
            let inner = at + 2 + trim(at + 2);
            let inner_end = (end - 2 - trim(end - 3)).max(inner);
            Kind::Expr { inner, inner_end }
        } else {
            Kind::Tag
        };
        pieces.push(Piece { kind, start: at, end });
        at = end;
        text_start = end;
        if opener.1 == b'%' && tag_word(&source[pieces[pieces.len() - 1].start..end]) == "raw" {
            let close = find_endraw(source, end);
            push_text(&mut pieces, end, close);
            at = close;
            text_start = close;
        }
    }
    push_text(&mut pieces, text_start, bytes.len());
    pieces
}

/// The end of a tag that closes with `close` and `}`; strings and braces inside are skipped.
fn tag_end(bytes: &[u8], from: usize, close: u8) -> Option<usize> {
    let mut at = from;
    let mut depth = 0usize;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                at += 1;
                while *bytes.get(at)? != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'{' => depth += 1,
            byte if byte == close && depth == 0 && bytes.get(at + 1) == Some(&b'}') => {
                return Some(at + 2);
            }
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The first word of a `{% … %}`.
pub(super) fn tag_word(tag: &str) -> &str {
    let inner = tag.trim_start_matches("{%").trim_start_matches(['-', '+']).trim_start();
    inner.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("")
}

fn find_endraw(source: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(found) = source[at..].find("{%") {
        at += found;
        if tag_word(&source[at..]) == "endraw" {
            return at;
        }
        at += 2;
    }
    source.len()
}

fn end_of_line(source: &str, pieces: &[Piece], start: usize) -> usize {
    let ends_line = |piece: &Piece| piece.kind == Kind::Text && source[..piece.end].ends_with('\n');
    pieces[start..].iter().position(ends_line).map_or(pieces.len(), |at| start + at + 1)
}

/// Stands for another expression in the text of a line.
const HOLE: char = '\u{1}';

/// A line as YAML sees it: tags without a trace, expressions as holes.
struct LineView {
    text: String,
    /// Byte offset in `text` of each hole, in order.
    holes: Vec<usize>,
    has_tags: bool,
    /// Whether the next tag takes this line's break away (`{%-`).
    trimmed: bool,
}

impl LineView {
    fn new(source: &str, line: &[Piece]) -> Self {
        let after = line.last().map_or("", |piece| &source[piece.end..]).trim_start();
        let trimmed =
            after.starts_with("{%-") || after.starts_with("{{-") || after.starts_with("{#-");
        let mut view =
            LineView { text: String::new(), holes: Vec::new(), has_tags: false, trimmed };
        for piece in line {
            match piece.kind {
                Kind::Text => {
                    view.text.push_str(source[piece.start..piece.end].trim_end_matches('\n'));
                }
                Kind::Expr { .. } => {
                    view.holes.push(view.text.len());
                    view.text.push(HOLE);
                }
                Kind::Tag => view.has_tags = true,
            }
        }
        view
    }

    /// Says whether this line is inside a block scalar (`key: |`), and notes where one begins.
    /// `scalar` is the column that its lines must exceed.
    fn follow_block_scalar(&self, scalar: &mut Option<usize>) -> bool {
        let content = self.text.trim_start_matches(' ');
        if content.trim_end().is_empty() {
            return scalar.is_some();
        }
        let indent = self.text.len() - content.len();
        if scalar.is_some_and(|parent| indent > parent) {
            return true;
        }
        *scalar = None;
        let mut column = indent;
        let mut dash = None;
        let mut rest = content;
        while let Some(item) = rest.strip_prefix("- ") {
            dash = Some(column);
            let trimmed = item.trim_start_matches(' ');
            column += rest.len() - trimmed.len();
            rest = trimmed;
        }
        let header = rest.split(" #").next().unwrap_or(rest).trim_end();
        let (before, indicator) = match header.rfind([' ', ':']) {
            Some(at) => (&header[..=at], &header[at + 1..]),
            None => ("", header),
        };
        let is_block = indicator.starts_with(['|', '>'])
            && indicator[1..].chars().all(|c| matches!(c, '+' | '-' | '0'..='9'));
        if is_block && before.trim_end().ends_with(':') {
            *scalar = Some(column);
        } else if is_block && before.is_empty() {
            *scalar = dash;
        }
        false
    }
}

/// What stands to the left of a hole.
#[derive(Clone, Copy, Default)]
struct Left {
    quote: Option<char>,
    comment: bool,
    flow: usize,
    /// Only space since a scalar may begin.
    at_start: bool,
}

fn left_of(text: &str) -> Left {
    let mut left = Left { at_start: true, ..Left::default() };
    let mut chars = text.trim_start_matches(' ').chars().peekable();
    let mut previous = ' ';
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        if let Some(quote) = left.quote {
            if quote == '"' && c == '\\' {
                chars.next();
            } else if c == quote {
                if quote == '\'' && next == Some('\'') {
                    chars.next();
                } else {
                    left.quote = None;
                }
            }
            previous = c;
            continue;
        }
        match c {
            '#' if previous == ' ' => {
                left.comment = true;
                return left;
            }
            ' ' => {}
            '"' | '\'' if left.at_start => {
                left.quote = Some(c);
                left.at_start = false;
            }
            '[' | '{' if left.at_start => left.flow += 1,
            ']' | '}' if left.flow > 0 => {
                left.flow -= 1;
                left.at_start = false;
            }
            ',' if left.flow > 0 => left.at_start = true,
            // The space after a colon or dash may be the hole's own left edge.
            ':' if next == Some(' ') => left.at_start = true,
            '-' if left.at_start && left.flow == 0 && next == Some(' ') => {}
            _ => left.at_start = false,
        }
        previous = c;
    }
    left
}

/// The filter that an expression is wrapped in.
enum Class {
    /// Alone on its line, at a column; takes the line's indent and break into the tag.
    Block(usize),
    /// A whole list item at a column.
    Item(usize),
    Scalar,
    FlowScalar,
    Part,
    Double,
    Single,
}

fn classify(view: &LineView, piece: &Piece, hole: usize, inside_block_scalar: bool) -> Class {
    let before = &view.text[..hole];
    let after = view.text[hole + HOLE.len_utf8()..].trim_end();
    let column = before.chars().count();
    if before.trim_start_matches(' ').is_empty() && after.is_empty() {
        // With trim markers the author has laid the text out by hand; between tags on one line
        // stands the body of a macro or `set`, which is text for someone else to place.
        let by_hand = piece.trims() || view.has_tags || view.trimmed;
        return if by_hand { Class::Part } else { Class::Block(column) };
    }
    if inside_block_scalar {
        return Class::Part;
    }
    let left = left_of(before);
    match left.quote {
        Some('"') => return Class::Double,
        Some(_) => return Class::Single,
        None => {}
    }
    if left.comment || !left.at_start {
        return Class::Part;
    }
    let next = after.trim_start();
    let is_key = after == ":" || after.starts_with(": ");
    if left.flow > 0 {
        return if next.is_empty() || next.starts_with([',', ']', '}']) || is_key {
            Class::FlowScalar
        } else {
            Class::Part
        };
    }
    let comment_follows = after.starts_with(' ') && next.starts_with('#');
    if before.trim_end().ends_with('-') && next.is_empty() && !view.has_tags {
        return Class::Item(column);
    }
    if next.is_empty() || comment_follows || is_key { Class::Scalar } else { Class::Part }
}

struct Writer<'a> {
    source: &'a str,
    text: String,
    runs: Vec<(usize, usize, usize)>,
    /// Whether the last line break went into a tag, which hides it from the compiler: the indent
    /// of a block tag that follows is then ours to strip.
    break_in_tag: bool,
    number: Option<Number<'a>>,
    /// Whether what follows is `{% raw %}`.
    raw: bool,
}

impl Writer<'_> {
    fn mark(&mut self, offset: usize, literal: bool) {
        use std::fmt::Write as _;
        if let Some(number) = &mut self.number
            && !self.raw
        {
            let place = number(offset, literal);
            write!(self.text, "{{{{{MARK}({place})}}}}").expect("a string takes any text");
        }
    }

    fn copy(&mut self, start: usize, end: usize) {
        self.runs.push((self.text.len(), start, end - start));
        self.text.push_str(&self.source[start..end]);
    }
}

fn write_line(out: &mut Writer<'_>, line: &[Piece], view: &LineView, inside_block_scalar: bool) {
    use std::fmt::Write as _;
    let strip = std::mem::take(&mut out.break_in_tag);
    let mut holes = view.holes.iter();
    let mut skip_text = false;
    let mut marked = false;
    for (index, piece) in line.iter().enumerate() {
        let Kind::Expr { inner, inner_end } = piece.kind else {
            // The indent and line break of an expression that stands alone belong to its tag.
            let alone = line.get(index + 1).is_some_and(|next| {
                matches!(next.kind, Kind::Expr { .. })
                    && view.holes.len() == 1
                    && !unwrapped(out.source, next)
                    && matches!(
                        classify(view, next, view.holes[0], inside_block_scalar),
                        Class::Block(_)
                    )
            });
            let stripped = strip
                && index == 0
                && line.get(1).is_some_and(|next| next.kind == Kind::Tag)
                && out.source[piece.start..piece.end].trim_matches(' ').is_empty();
            let text = &out.source[piece.start..piece.end];
            if piece.kind == Kind::Tag && out.number.is_some() {
                match tag_word(text) {
                    "raw" => out.raw = true,
                    "endraw" => out.raw = false,
                    _ => {}
                }
            }
            let blank = text.len() - text.trim_start().len();
            if !alone && !skip_text && !stripped {
                if !marked && piece.kind == Kind::Text && blank < text.len() {
                    marked = true;
                    out.copy(piece.start, piece.start + blank);
                    out.mark(piece.start + blank, true);
                    out.copy(piece.start + blank, piece.end);
                } else {
                    out.copy(piece.start, piece.end);
                }
            }
            continue;
        };
        let hole = *holes.next().expect("one hole for each expression");
        if !piece.trims() {
            out.mark(inner, false);
        }
        if unwrapped(out.source, piece) {
            out.copy(piece.start, piece.end);
            continue;
        }
        let class = classify(view, piece, hole, inside_block_scalar);
        out.copy(piece.start, inner);
        out.text.push('(');
        out.copy(inner, inner_end);
        let written = match class {
            Class::Block(column) => {
                skip_text = true;
                // The break stays in the tag, so that later lines keep their numbers.
                let end = if line.len() > index + 1 { "\n" } else { "" };
                out.break_in_tag = !end.is_empty();
                write!(out.text, ")|__yaml_block({column}){end}")
            }
            Class::Item(column) => write!(out.text, ")|__yaml_item({column})"),
            Class::Scalar => write!(out.text, ")|__yaml_scalar"),
            Class::FlowScalar => write!(out.text, ")|__yaml_flow"),
            Class::Part => write!(out.text, ")|__yaml_part"),
            Class::Double => write!(out.text, ")|__yaml_double"),
            Class::Single => write!(out.text, ")|__yaml_single"),
        };
        written.expect("a string takes any text");
        out.copy(inner_end, piece.end);
    }
}

/// Whether an expression opts out by ending in `| raw_text`, or is empty.
fn unwrapped(source: &str, piece: &Piece) -> bool {
    let Kind::Expr { inner, inner_end } = piece.kind else { return false };
    let expression = source[inner..inner_end].trim_end();
    expression.trim_start().is_empty()
        || expression
            .strip_suffix("raw_text")
            .is_some_and(|before| before.trim_end().ends_with('|'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(source: &str) -> String {
        prepare(source).text
    }

    #[test]
    fn classes_follow_the_place() {
        let table = [
            ("a: {{ x }}\n", "a: {{( x )|__yaml_scalar}}\n"),
            ("- {{ x }}\n", "- {{( x )|__yaml_item(2)}}\n"),
            ("- a: {{ x }} # why\n", "- a: {{( x )|__yaml_scalar}} # why\n"),
            ("{{ k }}: {{ v }}\n", "{{( k )|__yaml_scalar}}: {{( v )|__yaml_scalar}}\n"),
            ("a: {{ x }}-{{ y }}\n", "a: {{( x )|__yaml_part}}-{{( y )|__yaml_part}}\n"),
            (
                "a: \"{{ x }}:{{ y }}\"\n",
                "a: \"{{( x )|__yaml_double}}:{{( y )|__yaml_double}}\"\n",
            ),
            ("a: '{{ x }}'\n", "a: '{{( x )|__yaml_single}}'\n"),
            ("a: [{{ x }}, {{ y }}]\n", "a: [{{( x )|__yaml_flow}}, {{( y )|__yaml_flow}}]\n"),
            ("a: don't {{ x }}\n", "a: don't {{( x )|__yaml_part}}\n"),
            ("  # note {{ x }}\n", "  # note {{( x )|__yaml_part}}\n"),
            ("a: {{ x | raw_text }}\n", "a: {{ x | raw_text }}\n"),
            ("{% raw %}{{ x }}{% endraw %}\n", "{% raw %}{{ x }}{% endraw %}\n"),
            ("a: {{- x -}}\n", "a: {{-( x )|__yaml_scalar-}}\n"),
            ("  {{ x }}\nb: 1\n", "{{( x )|__yaml_block(2)\n}}b: 1\n"),
            ("  {{ x }}", "{{( x )|__yaml_block(2)}}"),
            ("  {{ x }}\n  {% y %}\n", "{{( x )|__yaml_block(2)\n}}{% y %}\n"),
            ("{{ x }}\n{%- y %}", "{{( x )|__yaml_part}}\n{%- y %}"),
            ("{% y %}{{ x }}{% z %}\n", "{% y %}{{( x )|__yaml_part}}{% z %}\n"),
            (
                "{{ {\"a\": {\"b\": \"}}\"}} }}\n",
                "{{( {\"a\": {\"b\": \"}}\"}} )|__yaml_block(0)\n}}",
            ),
        ];
        for (source, expected) in table {
            assert_eq!(filters(source), expected, "{source:?}");
        }
    }

    #[test]
    fn block_scalars_are_left_alone() {
        let source = "a:\n  - run: |\n      x={{ x }}\n      {% if y %}\n      k: {{ y }}\n      {% endif %}\n\n      {{ z }}\n    name: {{ n }}\n";
        let expected = "a:\n  - run: |\n      x={{( x )|__yaml_part}}\n      {% if y %}\n      k: {{( y )|__yaml_part}}\n      {% endif %}\n\n{{( z )|__yaml_block(6)\n}}    name: {{( n )|__yaml_scalar}}\n";
        assert_eq!(filters(source), expected);
    }

    #[test]
    fn offsets_lead_back() {
        let source = "a: {{ x }}\n    {{ yy }}\nz: {{ q }}\n";
        let prepared = prepare(source);
        for name in ["x ", "yy", "q "] {
            let there = prepared.text.find(name).unwrap();
            let (start, end) = prepared.source_range(there..there + 1);
            assert_eq!((start, end), (source.find(name).unwrap(), start + 1), "{name}");
        }
        assert_eq!(prepared.text.lines().count(), source.lines().count());
    }

    #[test]
    fn yaml_by_name() {
        for (name, yaml) in [
            ("c/templates/a.yaml.j2", true),
            ("c/templates/_helpers.j2", true),
            ("c/templates/NOTES.txt.j2", false),
            ("c/templates/start.sh.j2", false),
        ] {
            assert_eq!(is_yaml(name), yaml, "{name}");
        }
    }
}
