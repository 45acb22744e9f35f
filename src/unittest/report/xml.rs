//! XML as Go's `encoding/xml` writes it, indented by tabs.

use std::fmt::Write as _;

/// An element under construction.
#[derive(Debug)]
pub(crate) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Elements(Vec<Element>),
    Text(String),
    Data(String),
}

impl Element {
    /// An element without attributes and content.
    pub(crate) fn new(name: &'static str) -> Self {
        Element { name, attributes: Vec::new(), content: Content::Elements(Vec::new()) }
    }

    /// An element of text.
    pub(crate) fn text(name: &'static str, text: impl Into<String>) -> Self {
        Element { content: Content::Text(text.into()), ..Element::new(name) }
    }

    /// An element of text that is not escaped.
    pub(crate) fn data(name: &'static str, text: impl Into<String>) -> Self {
        Element { content: Content::Data(text.into()), ..Element::new(name) }
    }

    /// Adds an attribute.
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// Adds an element inside.
    pub(crate) fn push(&mut self, inner: Element) {
        if let Content::Elements(elements) = &mut self.content {
            elements.push(inner);
        }
    }

    /// As a whole document, with its final newline.
    pub(crate) fn document(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        // Writing to a string cannot fail.
        let _ = write!(out, "<{}", self.name);
        for (name, value) in &self.attributes {
            let _ = write!(out, " {name}=\"");
            escape(value, out);
            out.push('"');
        }
        out.push('>');
        match &self.content {
            Content::Text(text) => escape(text, out),
            Content::Data(text) if text.is_empty() => {}
            Content::Data(text) => {
                let _ = write!(out, "<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"));
            }
            Content::Elements(elements) => {
                for element in elements {
                    out.push('\n');
                    out.extend(std::iter::repeat_n('\t', depth + 1));
                    element.write(out, depth + 1);
                }
                if !elements.is_empty() {
                    out.push('\n');
                    out.extend(std::iter::repeat_n('\t', depth));
                }
            }
        }
        let _ = write!(out, "</{}>", self.name);
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            c if (c as u32) < 0x20 || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Element;

    #[test]
    fn layout() {
        let mut root = Element::new("a").with("x", "1 < \"2\"");
        root.push(Element::text("b", "t&\n"));
        root.push(Element::data("c", "]]>"));
        root.push(Element::new("d"));
        assert_eq!(
            root.document(),
            "<a x=\"1 &lt; &#34;2&#34;\">\n\t<b>t&amp;&#xA;</b>\n\t<c><![CDATA[]]]]><![CDATA[>]]></c>\n\t\
             <d></d>\n</a>\n"
        );
    }
}
