//! Filters and functions of native charts: YAML, quoting, indentation, merging, refusals.

use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State};

use super::fault::refused;
use super::{format, view};

/// Adds the filters and functions.
pub(super) fn install(env: &mut Environment<'_>) {
    super::sprig::install(env);

    env.add_filter("toyaml", toyaml);
    env.add_filter("toYaml", toyaml);
    env.add_filter("tojson", tojson);
    env.add_filter("toJson", tojson);
    env.add_filter("quote", quote);
    env.add_filter("squote", squote);
    env.add_filter("indent", indent);
    env.add_filter("nindent", nindent);
    env.add_filter("raw_text", raw_text);
    env.add_filter("required", required);
    env.add_filter("fail", fail);
    env.add_filter("merge", merge);
    env.add_filter("merge_overwrite", merge);
    env.add_filter("yaml_str", yaml_str);
    env.add_filter("one_of", one_of);
    env.add_filter("matches", matches);
    env.add_filter("in_range", in_range);
    env.add_filter("by_key", by_key);
    env.add_filter("string", string);
    env.add_filter("mebibytes", mebibytes);
    env.add_filter("seconds", seconds);
    env.add_filter("semver_at_least", semver_at_least);
    env.add_function("use_targets", use_targets);
    env.add_filter("dns_label", dns_label);
    env.add_filter("label_value", label_value);
    env.add_filter("pick", pick);
    env.add_filter("omit", omit);
    env.add_filter("without_empty", without_empty);
    env.add_function("fail", fail);
    env.add_function("get", get);

    env.add_filter("__yaml_block", |state: &mut State, value: Value, column: usize| {
        placed(state, &value, |value| format::block(value, column))
    });
    env.add_filter("__yaml_item", |state: &mut State, value: Value, column: usize| {
        placed(state, &value, |value| format::item(value, column))
    });
    env.add_filter("__yaml_scalar", |state: &mut State, value: Value| {
        placed(state, &value, |value| format::scalar(value, false))
    });
    env.add_filter("__yaml_flow", |state: &mut State, value: Value| {
        placed(state, &value, |value| format::scalar(value, true))
    });
    env.add_filter("__yaml_part", |state: &mut State, value: Value| {
        placed(state, &value, |value| format::part(value).map(|text| text.to_string()))
    });
    env.add_filter("__yaml_double", |state: &mut State, value: Value| {
        placed(state, &value, format::inside_double)
    });
    env.add_filter("__yaml_single", |state: &mut State, value: Value| {
        placed(state, &value, format::inside_single)
    });
    env.set_unknown_method_callback(map_method);
}

/// What a place filter prints: nothing for an `if` without `else` that did not hold.
fn placed(
    state: &mut State<'_, '_>,
    value: &Value,
    print: impl FnOnce(&Value) -> Result<String, Error>,
) -> Result<Value, Error> {
    if value.is_undefined() {
        // The engine alone can tell such an `if` from a name that does not exist.
        return state.format(value.clone()).map(Value::from_safe_string);
    }
    safe(print(value))
}

/// Text that is YAML already: printed as it is wherever it stands.
fn safe(text: Result<String, Error>) -> Result<Value, Error> {
    text.map(Value::from_safe_string)
}

/// A value as YAML, without the last line break.
///
/// Takes: value (any), order ("sorted" or "keep"). Returns: YAML text.
/// Errors: undefined members, functions. Source: Helm `toYaml`, byte for byte.
#[expect(clippy::needless_pass_by_value, reason = "the engine passes keyword arguments so")]
fn toyaml(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let keep = match options.get::<Option<&str>>("order")? {
        None | Some("sorted") => false,
        Some("keep") => true,
        Some(other) => {
            let message = format!("order {other:?} is neither \"sorted\" nor \"keep\"");
            return Err(Error::new(ErrorKind::InvalidOperation, message));
        }
    };
    options.assert_all_used()?;
    safe(format::yaml_text(value, keep))
}

/// A value as JSON on one line, keys sorted.
///
/// Takes: value (any). Returns: JSON text. Errors: NaN, infinities. Source: Helm `toJson`.
fn tojson(value: &Value) -> Result<Value, Error> {
    safe(view::to_json(value))
}

/// A scalar in double quotes, whatever it holds.
///
/// Takes: value (scalar). Returns: YAML text. Errors: null, lists, maps. Source: Helm `quote`.
fn quote(value: &Value) -> Result<Value, Error> {
    safe(format::scalar_text(value).map(|text| format::double_quoted(&text)))
}

/// A scalar in single quotes.
///
/// Takes: value (scalar). Returns: YAML text. Errors: null, lists, maps, line breaks.
/// Source: Helm `squote`, with quotes inside doubled as YAML wants them.
fn squote(value: &Value) -> Result<Value, Error> {
    safe(format::inside_single(value).map(|text| format!("'{text}'")))
}

/// Indents every line, the first and empty ones too.
///
/// Takes: text (string), columns (int). Returns: text. Errors: none.
/// Source: Helm `indent`; Jinja's leaves the first line alone.
fn indent(value: &Value, columns: usize) -> Result<Value, Error> {
    let text = format::scalar_text(value)?;
    let pad = " ".repeat(columns);
    safe(Ok(format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))))
}

/// A line break, then `indent`.
///
/// Takes: text (string), columns (int). Returns: text. Errors: none. Source: Helm `nindent`.
fn nindent(value: &Value, columns: usize) -> Result<Value, Error> {
    let indented = indent(value, columns)?;
    Ok(Value::from_safe_string(format!("\n{}", indented.as_str().unwrap_or_default())))
}

/// A scalar printed without a look at its place.
///
/// Takes: value (scalar). Returns: text. Errors: null, lists, maps. Source: own.
fn raw_text(value: &Value) -> Result<Value, Error> {
    safe(format::scalar_text(value).map(|text| text.to_string()))
}

/// A scalar as a string: `true`, not Python's `True`.
///
/// Takes: value (scalar). Returns: string. Errors: null, lists, maps. Source: Jinja `string`.
fn string(value: &Value) -> Result<Value, Error> {
    Ok(Value::from(&*format::scalar_text(value)?))
}

/// A memory quantity in whole MiB, rounded down.
///
/// Takes: quantity (string or number). Returns: int. Errors: what is no quantity. Source: own.
fn mebibytes(value: &Value) -> Result<i64, Error> {
    let text = format::scalar_text(value)?;
    match crate::doc::quantity::amount(&text) {
        Some(bytes) => Ok((bytes / f64::from(1 << 20)) as i64),
        None => Err(refused(format!("{text:?} is no quantity of memory"))),
    }
}

/// A duration such as `90s`, `5m` or `1h30m` in whole seconds.
///
/// Takes: duration (string). Returns: int. Errors: what is no such duration. Source: own.
fn seconds(text: &str) -> Result<u64, Error> {
    crate::doc::quantity::seconds(text)
        .ok_or_else(|| refused(format!("{text:?} is no duration: write it like 90s, 5m or 1h30m")))
}

/// Whether a version such as `v1.31.2` is at least another; what follows the numbers is ignored.
///
/// Takes: version, least (strings). Returns: bool. Errors: what is no version. Source: own.
fn semver_at_least(version: &str, least: &str) -> Result<bool, Error> {
    let numbers = |text: &str| -> Result<Vec<u64>, Error> {
        let plain = text.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
        let parts = plain.split('.').map(str::parse).collect::<Result<_, _>>();
        parts.map_err(|_| refused(format!("{text:?} is no version")))
    };
    Ok(numbers(version)? >= numbers(least)?)
}

/// Metrics of an autoscaler that follow the use of resources.
///
/// Takes: map from resource to percentage, null for none. Returns: list of maps. Errors: none.
/// Source: own.
fn use_targets(targets: &Value) -> Result<Vec<Value>, Error> {
    let mut metrics = Vec::new();
    for resource in targets.try_iter()? {
        let percent = targets.get_item(&resource)?;
        if percent.is_none() {
            continue;
        }
        let target = Value::from_pairs([
            ("type", Value::from("Utilization")),
            ("averageUtilization", percent),
        ]);
        let used = Value::from_pairs([("name", resource), ("target", target)]);
        metrics.push(Value::from_pairs([("type", Value::from("Resource")), ("resource", used)]));
    }
    Ok(metrics)
}

/// A name cut to a DNS-1123 label: at most `length` characters, no `-` at its end.
///
/// Takes: name (string), length (int, 63). Returns: string.
/// Errors: characters that no object's name may have. Source: own.
fn dns_label(name: &str, length: Option<usize>) -> Result<Value, Error> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if let Some(bad) = name.chars().find(|c| !fits(*c)) {
        let message = format!("the name {name:?} has {bad:?}: only a-z, 0-9 and - may be in names");
        return Err(refused(message));
    }
    let cut = &name[..name.len().min(length.unwrap_or(63))];
    let cut = cut.trim_end_matches('-');
    if cut.is_empty() || cut.starts_with('-') {
        return Err(refused(format!("the name {name:?} does not begin with a letter or digit")));
    }
    Ok(Value::from(cut))
}

/// A text made fit for a label's value: 63 characters, `_` for what labels may not have.
///
/// Takes: text (string). Returns: string. Errors: none. Source: own, as Helm's scaffold does.
fn label_value(text: &str) -> Value {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let label: String = text.chars().map(|c| if fits(c) { c } else { '_' }).take(63).collect();
    Value::from(label.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
}

/// A scalar in quotes where YAML would read something else than the string.
///
/// Takes: value (scalar). Returns: YAML text. Errors: null, lists, maps. Source: own; whole
/// scalars get it by themselves.
fn yaml_str(value: &Value) -> Result<Value, Error> {
    safe(format::scalar(value, false))
}

/// Passes a value on, and stops the render when it is none of the choices.
///
/// Takes: value (any), choices (any). Returns: the value. Errors: any other value. Source: own.
#[expect(clippy::needless_pass_by_value, reason = "the engine passes further arguments so")]
fn one_of(value: Value, choices: Rest<Value>) -> Result<Value, Error> {
    if choices.contains(&value) {
        return Ok(value);
    }
    let all: Vec<_> = choices.iter().map(ToString::to_string).collect();
    Err(refused(format!("{value} is none of {}", all.join(", "))))
}

/// Passes a text on, and stops the render when an expression does not match all of it.
///
/// Takes: text (string), pattern (string, RE2 syntax). Returns: the text.
/// Errors: a text that does not match; a pattern that does not compile. Source: own.
fn matches(text: &str, pattern: &str) -> Result<Value, Error> {
    let whole = format!("^(?:{pattern})$");
    let regex = regex::Regex::new(&whole)
        .map_err(|error| refused(format!("the pattern {pattern:?} does not compile: {error}")))?;
    if regex.is_match(text) {
        return Ok(Value::from(text));
    }
    Err(refused(format!("{text:?} does not match {pattern}")))
}

/// Passes a number on, and stops the render when it lies outside of the bounds.
///
/// Takes: number, least, most (numbers). Returns: the number. Errors: any other. Source: own.
fn in_range(value: Value, least: f64, most: f64) -> Result<Value, Error> {
    let number = f64::try_from(value.clone())?;
    if number >= least && number <= most {
        return Ok(value);
    }
    Err(refused(format!("{value} is not between {least} and {most}")))
}

/// A list of maps as a map, by the value of a key that each has.
///
/// Takes: list of maps, key (string). Returns: map. Errors: items without the key. Source: own.
fn by_key(list: &Value, key: &str) -> Result<Value, Error> {
    let mut pairs = Vec::new();
    for item in list.try_iter()? {
        let name = item.get_attr(key)?;
        if name.is_undefined() {
            return Err(refused(format!("an item has no {key:?}: {item}")));
        }
        pairs.push((name, item));
    }
    Ok(Value::from_pairs(pairs))
}

/// Passes a value on, and stops the render when it is undefined, null or the empty string.
///
/// Takes: value (any), message (string). Returns: the value. Errors: the message.
/// Source: Helm `required`.
fn required(value: Value, message: &str) -> Result<Value, Error> {
    if value.is_undefined() || value.is_none() || value.as_str() == Some("") {
        return Err(refused(message));
    }
    Ok(value)
}

/// Stops the render with a message of the chart's author.
///
/// Takes: message (string). Returns: never. Errors: always. Source: Helm `fail`.
fn fail(message: &str) -> Result<Value, Error> {
    Err(refused(message))
}

/// Joins maps; later ones win, maps inside maps are joined too.
///
/// Takes: map, maps. Returns: map. Errors: arguments that are no maps.
/// Source: Helm `mergeOverwrite`, without changing its arguments.
#[expect(clippy::needless_pass_by_value, reason = "the engine passes further arguments so")]
fn merge(first: Value, rest: Rest<Value>) -> Result<Value, Error> {
    let mut merged = first;
    for next in rest.iter() {
        merged = merge_two(&merged, next)?;
    }
    Ok(merged)
}

fn merge_two(base: &Value, over: &Value) -> Result<Value, Error> {
    if base.kind() != ValueKind::Map || over.kind() != ValueKind::Map {
        return Err(Error::new(ErrorKind::InvalidOperation, "merge takes maps"));
    }
    let mut pairs = Vec::new();
    for key in base.try_iter()? {
        let old = base.get_item(&key)?;
        let new = over.get_item(&key)?;
        let value = if new.is_undefined() {
            old
        } else if old.kind() == ValueKind::Map && new.kind() == ValueKind::Map {
            merge_two(&old, &new)?
        } else {
            new
        };
        pairs.push((key, value));
    }
    for key in over.try_iter()? {
        if base.get_item(&key)?.is_undefined() {
            let value = over.get_item(&key)?;
            pairs.push((key, value));
        }
    }
    Ok(Value::from_pairs(pairs))
}

fn filter_map(map: &Value, keep: impl Fn(&Value, &Value) -> bool) -> Result<Value, Error> {
    let mut pairs = Vec::new();
    for key in map.try_iter()? {
        let value = map.get_item(&key)?;
        if keep(&key, &value) {
            pairs.push((key, value));
        }
    }
    Ok(Value::from_pairs(pairs))
}

/// The named entries of a map.
///
/// Takes: map, keys (strings). Returns: map. Errors: none. Source: Helm `pick`.
#[expect(clippy::needless_pass_by_value, reason = "the engine passes further arguments so")]
fn pick(map: &Value, keys: Rest<Value>) -> Result<Value, Error> {
    filter_map(map, |key, _| keys.contains(key))
}

/// A map without the named entries.
///
/// Takes: map, keys (strings). Returns: map. Errors: none. Source: Helm `omit`.
#[expect(clippy::needless_pass_by_value, reason = "the engine passes further arguments so")]
fn omit(map: &Value, keys: Rest<Value>) -> Result<Value, Error> {
    filter_map(map, |key, _| !keys.contains(key))
}

/// A map without the entries that are null, "", [] or {}.
///
/// Takes: map. Returns: map. Errors: none. Source: own; false and 0 stay.
fn without_empty(map: &Value) -> Result<Value, Error> {
    filter_map(map, |_, value| !value.is_none() && !value.is_undefined() && value.len() != Some(0))
}

/// The value of a dotted path below `values`, or a default when any step is absent or null.
///
/// Takes: path (string), default (any, null when left out). Returns: any. Errors: none.
/// Source: own.
fn get(state: &State<'_, '_>, path: &str, default: Option<Value>) -> Result<Value, Error> {
    let mut at = state.lookup("values").unwrap_or_default();
    for step in path.split('.') {
        at = match at.kind() {
            ValueKind::Map => at.get_attr(step)?,
            _ => Value::UNDEFINED,
        };
    }
    let missing = at.is_undefined() || at.is_none();
    Ok(if missing { default.unwrap_or_else(|| Value::from(())) } else { at })
}

/// `map.items()`, `.keys()`, `.values()` and `.get(key, default)`, as Python has them.
fn map_method(
    _state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    if value.kind() != ValueKind::Map {
        return Err(Error::from(ErrorKind::UnknownMethod));
    }
    match (method, args) {
        ("items", []) => {
            let pair = |key: Value| Ok(Value::from(vec![key.clone(), value.get_item(&key)?]));
            Ok(Value::from(value.try_iter()?.map(pair).collect::<Result<Vec<Value>, Error>>()?))
        }
        ("keys", []) => Ok(Value::from(value.try_iter()?.collect::<Vec<_>>())),
        ("values", []) => {
            let item = |key: Value| value.get_item(&key);
            Ok(Value::from(value.try_iter()?.map(item).collect::<Result<Vec<Value>, Error>>()?))
        }
        ("get", [key, rest @ ..]) if rest.len() < 2 => {
            let found = value.get_item(key)?;
            let default = || rest.first().cloned().unwrap_or_else(|| Value::from(()));
            Ok(if found.is_undefined() { default() } else { found })
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}
