//! The drafts of JSON Schema: what sets them apart, and their metaschemas.

use super::json::Json;
use super::url::split;

/// A draft, ordered by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Draft {
    D4,
    D6,
    D7,
    D2019,
    D2020,
}

impl Draft {
    /// The draft of schemas that do not say.
    pub(super) const LATEST: Draft = Draft::D2020;

    /// Address of its metaschema.
    pub(super) fn url(self) -> &'static str {
        match self {
            Draft::D4 => "http://json-schema.org/draft-04/schema",
            Draft::D6 => "http://json-schema.org/draft-06/schema",
            Draft::D7 => "http://json-schema.org/draft-07/schema",
            Draft::D2019 => "https://json-schema.org/draft/2019-09/schema",
            Draft::D2020 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// The draft that a `$schema` names.
    pub(super) fn from_url(url: &str) -> Option<Draft> {
        let (url, fragment) = split(url);
        if !fragment.is_empty() {
            return None;
        }
        let url = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        match url.unwrap_or("") {
            "json-schema.org/schema" => Some(Draft::LATEST),
            "json-schema.org/draft/2020-12/schema" => Some(Draft::D2020),
            "json-schema.org/draft/2019-09/schema" => Some(Draft::D2019),
            "json-schema.org/draft-07/schema" => Some(Draft::D7),
            "json-schema.org/draft-06/schema" => Some(Draft::D6),
            "json-schema.org/draft-04/schema" => Some(Draft::D4),
            _ => None,
        }
    }

    /// The keyword that names a schema.
    pub(super) fn id_keyword(self) -> &'static str {
        if self == Draft::D4 { "id" } else { "$id" }
    }

    /// The name that a schema gives itself, without fragment; empty for none.
    pub(super) fn id_of(self, schema: &Json) -> &str {
        // Old drafts ignore whatever stands beside a reference.
        if self < Draft::D2019 && schema.get("$ref").is_some() {
            return "";
        }
        let id = schema.get(self.id_keyword()).and_then(Json::as_str).unwrap_or("");
        split(id).0
    }

    /// Calls back for every place below a schema that holds a schema: its pointer and itself.
    pub(super) fn subschemas<'a>(
        self,
        schema: &'a Json,
        mut visit: impl FnMut(Vec<&'a str>, usize, &'a Json),
    ) {
        let Some(map) = schema.as_object() else { return };
        for (since, keyword, place) in KEYWORDS {
            if *since > self {
                continue;
            }
            let Some((key, value)) = map.get_key_value(*keyword) else { continue };
            match place {
                Place::One => visit(vec![key], usize::MAX, value),
                Place::Named => {
                    for (name, item) in value.as_object().into_iter().flatten() {
                        visit(vec![key, name], usize::MAX, item);
                    }
                }
                Place::Listed => {
                    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                        visit(vec![key], at, item);
                    }
                }
            }
        }
    }

    /// The vocabularies in force when a metaschema does not name others.
    pub(super) fn has_by_default(self, vocabulary: &str) -> bool {
        match vocabulary {
            "applicator" | "validation" => true,
            "unevaluated" => self >= Draft::D2020,
            _ => false,
        }
    }

    /// The vocabularies that a metaschema of this draft requires; none when it does not say.
    /// The error is the address of an unknown one.
    pub(super) fn vocabularies(self, metaschema: &Json) -> Result<Option<Vec<String>>, String> {
        let (prefix, known): (&str, &[&str]) = match self {
            Draft::D2019 => (
                "https://json-schema.org/draft/2019-09/vocab/",
                &["core", "applicator", "validation", "meta-data", "format", "content"],
            ),
            Draft::D2020 => (
                "https://json-schema.org/draft/2020-12/vocab/",
                &[
                    "core",
                    "applicator",
                    "unevaluated",
                    "validation",
                    "meta-data",
                    "format-annotation",
                    "format-assertion",
                    "content",
                ],
            ),
            _ => return Ok(None),
        };
        let Some(named) = metaschema.get("$vocabulary").and_then(Json::as_object) else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for (url, required) in named {
            if required.as_bool() != Some(true) {
                continue;
            }
            match url.strip_prefix(prefix).filter(|name| known.contains(name)) {
                Some(name) => found.push(name.to_owned()),
                None => return Err(url.clone()),
            }
        }
        Ok(Some(found))
    }
}

/// How schemas hang below a keyword.
#[derive(Clone, Copy)]
enum Place {
    One,
    Named,
    Listed,
}

const KEYWORDS: &[(Draft, &str, Place)] = &[
    (Draft::D4, "definitions", Place::Named),
    (Draft::D4, "not", Place::One),
    (Draft::D4, "allOf", Place::Listed),
    (Draft::D4, "anyOf", Place::Listed),
    (Draft::D4, "oneOf", Place::Listed),
    (Draft::D4, "properties", Place::Named),
    (Draft::D4, "additionalProperties", Place::One),
    (Draft::D4, "patternProperties", Place::Named),
    (Draft::D4, "items", Place::One),
    (Draft::D4, "items", Place::Listed),
    (Draft::D4, "additionalItems", Place::One),
    (Draft::D4, "dependencies", Place::Named),
    (Draft::D6, "propertyNames", Place::One),
    (Draft::D6, "contains", Place::One),
    (Draft::D7, "if", Place::One),
    (Draft::D7, "then", Place::One),
    (Draft::D7, "else", Place::One),
    (Draft::D2019, "$defs", Place::Named),
    (Draft::D2019, "dependentSchemas", Place::Named),
    (Draft::D2019, "unevaluatedProperties", Place::One),
    (Draft::D2019, "unevaluatedItems", Place::One),
    (Draft::D2019, "contentSchema", Place::One),
    (Draft::D2020, "prefixItems", Place::Listed),
];

macro_rules! embedded {
    ($($path:literal => $file:literal),* $(,)?) => {
        /// The text of a published metaschema, by the address behind the host.
        fn embedded(path: &str) -> Option<&'static str> {
            match path {
                $($path => Some(include_str!(concat!("meta/", $file, ".json"))),)*
                "schema" => embedded("draft/2020-12/schema"),
                _ => None,
            }
        }
    };
}

embedded! {
    "draft-04/schema" => "draft-04-schema",
    "draft-06/schema" => "draft-06-schema",
    "draft-07/schema" => "draft-07-schema",
    "draft/2019-09/schema" => "draft-2019-09-schema",
    "draft/2019-09/meta/core" => "draft-2019-09-meta-core",
    "draft/2019-09/meta/applicator" => "draft-2019-09-meta-applicator",
    "draft/2019-09/meta/validation" => "draft-2019-09-meta-validation",
    "draft/2019-09/meta/meta-data" => "draft-2019-09-meta-meta-data",
    "draft/2019-09/meta/format" => "draft-2019-09-meta-format",
    "draft/2019-09/meta/content" => "draft-2019-09-meta-content",
    "draft/2020-12/schema" => "draft-2020-12-schema",
    "draft/2020-12/meta/core" => "draft-2020-12-meta-core",
    "draft/2020-12/meta/applicator" => "draft-2020-12-meta-applicator",
    "draft/2020-12/meta/unevaluated" => "draft-2020-12-meta-unevaluated",
    "draft/2020-12/meta/validation" => "draft-2020-12-meta-validation",
    "draft/2020-12/meta/meta-data" => "draft-2020-12-meta-meta-data",
    "draft/2020-12/meta/format-annotation" => "draft-2020-12-meta-format-annotation",
    "draft/2020-12/meta/format-assertion" => "draft-2020-12-meta-format-assertion",
    "draft/2020-12/meta/content" => "draft-2020-12-meta-content",
}

/// Whether an address belongs to the site of the metaschemas, whose schemas are not checked.
pub(super) fn is_official(url: &str) -> bool {
    url.starts_with("http://json-schema.org/") || url.starts_with("https://json-schema.org/")
}

/// A published metaschema.
pub(super) fn metaschema(url: &str) -> Option<Json> {
    let path = url
        .strip_prefix("http://json-schema.org/")
        .or_else(|| url.strip_prefix("https://json-schema.org/"))?;
    let text = embedded(path)?;
    Some(super::json::parse(text.as_bytes()).expect("published metaschemas are JSON"))
}
