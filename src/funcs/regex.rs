//! Regular expressions in Go's syntax. The plain forms turn a bad expression into Go's panic
//! text, the `must…` forms into its error; `regexMatch` just says no.

use super::{Def, Int, def};
use crate::diag::{Fault, Result};
use crate::golang::regexp::{Regexp, quote_meta};
use crate::value::{List, ListType, Str};
use std::rc::Rc;

pub(super) const FUNCS: &[Def] = &[
    def!("mustRegexFind" => must_regex_find(regex: &Str, text: &Str)),
    def!("mustRegexFindAll" => must_regex_find_all(regex: &Str, text: &Str, limit: Int)),
    def!("mustRegexMatch" => must_regex_match(regex: &Str, text: &Str)),
    def!("mustRegexReplaceAll" => must_regex_replace_all(regex: &Str, text: &Str, template: &Str)),
    def!("mustRegexReplaceAllLiteral" =>
        must_regex_replace_all_literal(regex: &Str, text: &Str, replacement: &Str)),
    def!("mustRegexSplit" => must_regex_split(regex: &Str, text: &Str, limit: Int)),
    def!("regexFind" => regex_find(regex: &Str, text: &Str)),
    def!("regexFindAll" => regex_find_all(regex: &Str, text: &Str, limit: Int)),
    def!("regexMatch" => regex_match(regex: &Str, text: &Str)),
    def!("regexQuoteMeta" => regex_quote_meta(text: &Str)),
    def!("regexReplaceAll" => regex_replace_all(regex: &Str, text: &Str, template: &Str)),
    def!("regexReplaceAllLiteral" =>
        regex_replace_all_literal(regex: &Str, text: &Str, replacement: &Str)),
    def!("regexSplit" => regex_split(regex: &Str, text: &Str, limit: Int)),
];

/// Compiles as the `must…` functions do.
fn compile(regex: &Str) -> Result<Rc<Regexp>> {
    Regexp::compile(regex.as_bytes()).map_err(Fault::function)
}

/// Compiles as the plain functions do.
fn must_compile(regex: &Str) -> Result<Rc<Regexp>> {
    Regexp::must_compile(regex.as_bytes()).map_err(Fault::function)
}

/// The leftmost match of an expression in a text.
///
/// Takes: regex (string), text (string). Returns: string; "" without a match.
/// Errors: a bad expression. Source: sprig `mustRegexFind`.
fn must_regex_find(regex: &Str, text: &Str) -> Result<Str> {
    Ok(find(&*compile(regex)?, text))
}

/// All matches of an expression in a text, or the first few.
///
/// Takes: regex (string), text (string), limit (int; -1 for all). Returns: []string, nil
/// without a match.
/// Errors: a bad expression. Source: sprig `mustRegexFindAll`.
fn must_regex_find_all(regex: &Str, text: &Str, limit: Int) -> Result<List> {
    Ok(find_all(&*compile(regex)?, text, limit))
}

/// Whether an expression matches any part of a text.
///
/// Takes: regex (string), text (string). Returns: bool.
/// Errors: a bad expression. Source: sprig `mustRegexMatch`.
fn must_regex_match(regex: &Str, text: &Str) -> Result<bool> {
    Ok(compile(regex)?.is_match(text.as_bytes()))
}

/// Replaces all matches by a template with `$1` or `${name}` for groups.
///
/// Takes: regex (string), text (string), template (string). Returns: string.
/// Errors: a bad expression. Source: sprig `mustRegexReplaceAll`.
fn must_regex_replace_all(regex: &Str, text: &Str, template: &Str) -> Result<Str> {
    Ok(Str::from(compile(regex)?.replace_all(text.as_bytes(), template.as_bytes())))
}

/// Replaces all matches by a text as it is.
///
/// Takes: regex (string), text (string), replacement (string). Returns: string.
/// Errors: a bad expression. Source: sprig `mustRegexReplaceAllLiteral`.
fn must_regex_replace_all_literal(regex: &Str, text: &Str, replacement: &Str) -> Result<Str> {
    Ok(Str::from(compile(regex)?.replace_all_literal(text.as_bytes(), replacement.as_bytes())))
}

/// Splits a text at the matches of an expression.
///
/// Takes: regex (string), text (string), limit (int; -1 for all). Returns: []string, nil for
/// a limit of 0.
/// Errors: a bad expression. Source: sprig `mustRegexSplit`.
fn must_regex_split(regex: &Str, text: &Str, limit: Int) -> Result<List> {
    Ok(split(&*compile(regex)?, text, limit))
}

/// The leftmost match of an expression in a text.
///
/// Takes: regex (string), text (string). Returns: string; "" without a match.
/// Errors: a bad expression. Source: sprig `regexFind`.
fn regex_find(regex: &Str, text: &Str) -> Result<Str> {
    Ok(find(&*must_compile(regex)?, text))
}

/// All matches of an expression in a text, or the first few.
///
/// Takes: regex (string), text (string), limit (int; -1 for all). Returns: []string, nil
/// without a match.
/// Errors: a bad expression. Source: sprig `regexFindAll`.
fn regex_find_all(regex: &Str, text: &Str, limit: Int) -> Result<List> {
    Ok(find_all(&*must_compile(regex)?, text, limit))
}

/// Whether an expression matches any part of a text; a bad expression does not.
///
/// Takes: regex (string), text (string). Returns: bool.
/// Errors: none. Source: sprig `regexMatch`.
fn regex_match(regex: &Str, text: &Str) -> bool {
    compile(regex).is_ok_and(|regex| regex.is_match(text.as_bytes()))
}

/// Escapes a text so that, as an expression, it matches just itself.
///
/// Takes: text (string). Returns: string.
/// Errors: none. Source: sprig `regexQuoteMeta`.
fn regex_quote_meta(text: &Str) -> Str {
    Str::from(quote_meta(text.as_bytes()))
}

/// Replaces all matches by a template with `$1` or `${name}` for groups.
///
/// Takes: regex (string), text (string), template (string). Returns: string.
/// Errors: a bad expression. Source: sprig `regexReplaceAll`.
fn regex_replace_all(regex: &Str, text: &Str, template: &Str) -> Result<Str> {
    Ok(Str::from(must_compile(regex)?.replace_all(text.as_bytes(), template.as_bytes())))
}

/// Replaces all matches by a text as it is.
///
/// Takes: regex (string), text (string), replacement (string). Returns: string.
/// Errors: a bad expression. Source: sprig `regexReplaceAllLiteral`.
fn regex_replace_all_literal(regex: &Str, text: &Str, replacement: &Str) -> Result<Str> {
    let regex = must_compile(regex)?;
    Ok(Str::from(regex.replace_all_literal(text.as_bytes(), replacement.as_bytes())))
}

/// Splits a text at the matches of an expression.
///
/// Takes: regex (string), text (string), limit (int; -1 for all). Returns: []string, nil for
/// a limit of 0.
/// Errors: a bad expression. Source: sprig `regexSplit`.
fn regex_split(regex: &Str, text: &Str, limit: Int) -> Result<List> {
    Ok(split(&*must_compile(regex)?, text, limit))
}

fn find(regex: &Regexp, text: &Str) -> Str {
    Str::from(regex.find(text.as_bytes()).unwrap_or_default())
}

fn find_all(regex: &Regexp, text: &Str, limit: Int) -> List {
    let found = regex.find_all(text.as_bytes(), limit.0);
    if found.is_empty() { List::nil(ListType::String) } else { List::strings(found) }
}

fn split(regex: &Regexp, text: &Str, limit: Int) -> List {
    match regex.split(text.as_bytes(), limit.0) {
        Some(parts) => List::strings(parts),
        None => List::nil(ListType::String),
    }
}
