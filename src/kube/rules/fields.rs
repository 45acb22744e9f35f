//! What the server demands of single fields, wherever their struct occurs: one row each.
//!
//! The walk along the definitions asks for every struct that it meets, so a row holds in pods,
//! templates, claims and bindings alike. Rules between fields are code, in the files beside.

use std::sync::OnceLock;

use super::super::catalog::{Node, Property, Struct};
use super::super::cursor::{At, missing, shown, whole};
use super::super::finding::Finding;
use super::super::formats::{self, bad, in_range};
use super::super::structure::invalid_enum;
use super::fields_table::FIELDS;
use super::meta;
use crate::doc::Doc;

/// The form that a text must have: its rule, the test, and what the message says.
pub(super) struct Form {
    pub(super) rule: &'static str,
    pub(super) test: fn(&str) -> bool,
    pub(super) why: &'static str,
}

/// What a field must be.
#[derive(Clone, Copy)]
pub(super) enum Demand {
    /// There, though the definition does not require it, and not empty.
    Needed,
    /// Not empty if it is there.
    NotEmpty,
    /// A text (or a list of texts) of a form.
    Is(&'static Form),
    /// The same, where an empty text counts as none.
    IsOrEmpty(&'static Form),
    /// A whole number (or a list of such) in a range.
    Within(i64, i64),
    /// One of the values that the definition lists; unlike elsewhere an empty text is none.
    Listed,
    /// One of these words, where the definition lists none.
    OneOf(&'static [&'static str]),
    /// A list whose items differ in a field, or altogether.
    Unique(&'static str),
    /// A list of at most so many items.
    AtMost(usize),
}

/// Definition, field, and what the field must be; sorted by definition.
pub(super) type Row = (&'static str, &'static str, Demand);

/// For every struct of the graph, the rows about it.
fn rows(definition: Struct) -> &'static [Row] {
    static RANGES: OnceLock<Vec<(u16, u16)>> = OnceLock::new();
    let ranges = RANGES.get_or_init(|| {
        let mut ranges = vec![(0, 0); Struct::count()];
        for (index, row) in FIELDS.iter().enumerate() {
            let full = Struct::find(&format!("io.k8s.{}", row.0));
            let Some(range) = full.and_then(|it| ranges.get_mut(it.index())) else { continue };
            let index = u16::try_from(index).unwrap_or(u16::MAX);
            *range = if range.1 == 0 { (index, index + 1) } else { (range.0, index + 1) };
        }
        ranges
    });
    let (start, end) = ranges.get(definition.index()).copied().unwrap_or_default();
    &FIELDS[usize::from(start)..usize::from(end)]
}

/// Checks the fields of an object; `meant` are fields that a misspelt one stands for.
pub(in super::super) fn check(at: At<'_>, definition: Struct, meant: &[&str]) {
    for (_, field, demand) in rows(definition) {
        match at.get(field) {
            Some(value) => one(at, value, field, *demand, definition),
            None if matches!(demand, Demand::Needed) && !meant.contains(field) => {
                at.report_missing(field, missing(field, at.doc.get(field).is_some(), ""));
            }
            None => {}
        }
    }
}

/// The value itself, or the items of a list.
fn each(value: At<'_>) -> Vec<At<'_>> {
    if value.doc.as_list().is_some() { value.items().collect() } else { vec![value] }
}

fn one<'d>(at: At<'d>, value: At<'d>, field: &'d str, demand: Demand, definition: Struct) {
    match demand {
        Demand::Needed | Demand::NotEmpty => {
            let empty = value.doc.as_str().is_some_and(str::is_empty)
                || value.doc.as_list().is_some_and(<[Doc]>::is_empty);
            if empty {
                at.report_missing(field, missing(field, false, "it is empty"));
            }
        }
        Demand::Is(form) => each(value).into_iter().for_each(|it| has_form(it, form)),
        Demand::IsOrEmpty(form) => {
            for it in each(value) {
                if it.doc.as_str() != Some("") {
                    has_form(it, form);
                }
            }
        }
        Demand::Within(min, max) => {
            for it in each(value) {
                if let Some(number) = whole(it.doc) {
                    in_range(it, number, min, max);
                }
            }
        }
        Demand::Listed => {
            for it in each(value) {
                if it.doc.as_str() == Some("") {
                    let nodes = definition.property(field).map(|property: Property| property.node);
                    let lists = nodes.map(|node| match node.names().len() {
                        0 => node.items(),
                        _ => node,
                    });
                    let names: Vec<&str> = lists.flat_map(Node::names).collect();
                    let given = names.into_iter().filter(|name| !name.is_empty());
                    it.report(invalid_enum("", given));
                }
            }
        }
        Demand::OneOf(words) => {
            for it in each(value) {
                if let Some(text) = it.doc.as_str()
                    && !words.contains(&text)
                {
                    let given = words.iter().copied().filter(|word| !word.is_empty());
                    it.report(invalid_enum(text, given));
                }
            }
        }
        Demand::Unique("") => {
            let items: Vec<At<'_>> = value.items().collect();
            for (index, item) in items.iter().enumerate() {
                if items[..index].iter().any(|other| other.doc == item.doc) {
                    let message = format!("{} is in the list already", shown(item.doc));
                    let finding = Finding::new("duplicate-item", message);
                    item.report(finding.rule("unique-items"));
                }
            }
        }
        Demand::Unique(key) => {
            meta::unique(value.items(), key, "item");
        }
        Demand::AtMost(most) => {
            let count = value.doc.as_list().map_or(0, <[Doc]>::len);
            if count > most {
                let message = format!("{count} items, {most} are allowed");
                let finding = Finding::new("out-of-range", message).rule("number-range");
                value.report(finding.fact("max_items", most));
            }
        }
    }
}

fn has_form(at: At<'_>, form: &'static Form) {
    let Some(text) = at.doc.as_str() else { return };
    if (form.test)(text) {
        return;
    }
    match form.rule {
        "dns-1123-label" => meta::dns_label(at),
        "dns-1123-subdomain" if !formats::is_subdomain(text) => meta::subdomain(at),
        rule => bad(at, rule, form.why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_name_fields_of_the_graph() {
        assert!(FIELDS.is_sorted_by_key(|row| row.0));
        for (definition, field, demand) in FIELDS {
            let found = Struct::find(&format!("io.k8s.{definition}"));
            let found = found.unwrap_or_else(|| panic!("{definition}"));
            let mut forms = found.property(field);
            let property = forms.next().unwrap_or_else(|| panic!("{definition}.{field}"));
            if matches!(demand, Demand::Listed) {
                let node = property.node;
                let names = node.names().len().max(node.items().names().len());
                assert!(names > 0, "{definition}.{field} has no list");
            }
        }
    }
}
