//! Definitions of the Kubernetes API as JSON schemas, for validators that know nothing else.

use serde_json::{Map, Value as Json, json};

use super::schema::definition;
use crate::kube::catalog::{Code, Node, Struct};
use crate::kube::target;
use crate::values::schema::Foreign;

/// Serves the definitions of Kubernetes to schemas that refer to them, and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Definitions;

impl Foreign for Definitions {
    fn load(&self, address: &str) -> Option<Result<Vec<u8>, String>> {
        let name = address.strip_prefix("kubernetes:")?;
        let schema = json_schema(name).map(|schema| schema.to_string().into_bytes());
        Some(schema.ok_or_else(|| format!("Kubernetes does not define {name}")))
    }

    fn rewrite(&self, reference: &str) -> Option<String> {
        let name = definition(reference)?;
        (!reference.starts_with("kubernetes:")).then(|| format!("kubernetes:{name}"))
    }
}

/// The JSON schema of a definition by its full name; definitions that it uses are references of
/// the form `kubernetes:NAME`.
fn json_schema(name: &str) -> Option<Json> {
    match super::fit::plain_definition(name) {
        Some("quantity") => return Some(json!({"type": ["string", "number"]})),
        Some(_) => return Some(json!({"type": ["string", "integer"]})),
        None => {}
    }
    let definition = Struct::find(name)?;
    let mut properties = Map::new();
    let mut required = Vec::new();
    for property in definition.properties() {
        if property.minors.and(target::newest()).is_empty() {
            continue;
        }
        if !property.required.and(target::newest()).is_empty() {
            required.push(property.name());
        }
        properties.insert(property.name().to_owned(), node(property.node));
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if let (false, Some(map)) = (required.is_empty(), schema.as_object_mut()) {
        map.insert("required".to_owned(), json!(required));
    }
    Some(schema)
}

fn node(node: Node) -> Json {
    match node.code() {
        Code::Any => json!({}),
        Code::Object | Code::Raw => json!({"type": "object"}),
        Code::Boolean => json!({"type": "boolean"}),
        Code::Int32 | Code::Int64 | Code::Integer => json!({"type": "integer"}),
        Code::Number => json!({"type": "number"}),
        Code::Array => json!({"type": "array", "items": self::node(node.items())}),
        Code::Map => json!({"type": "object", "additionalProperties": self::node(node.items())}),
        Code::Struct => {
            let name = node.struct_().map(Struct::name).unwrap_or_default();
            json!({"$ref": format!("kubernetes:{name}")})
        }
        Code::Quantity => json!({"type": ["string", "number"]}),
        Code::IntOrString => json!({"type": ["string", "integer"]}),
        Code::String if node.names().len() > 0 => {
            json!({"type": "string", "enum": node.names().collect::<Vec<_>>()})
        }
        Code::String | Code::Time | Code::MicroTime | Code::Bytes | Code::Duration => {
            json!({"type": "string"})
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_definition_refers_to_others() {
        let schema = super::json_schema("io.k8s.api.core.v1.EnvVar").expect("known");
        assert_eq!(schema["required"], serde_json::json!(["name"]));
        assert_eq!(
            schema["properties"]["valueFrom"]["$ref"],
            "kubernetes:io.k8s.api.core.v1.EnvVarSource"
        );
        assert!(super::json_schema("io.k8s.api.core.v1.Nope").is_none());
    }
}
