//! The JSON schema of a Rust type, read off its `Deserialize`.
//!
//! A deserializer that has no document: it notes what each field asks for. So the schema says
//! what decoding accepts, from the same source, without a second declaration. Blind to files.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::{self, DeserializeOwned, IntoDeserializer as _, Visitor};
use serde_json::{Map, Value as Json, json};

use crate::doc::decode::{HIDDEN, WHOLE};

/// What a schema needs besides the types.
pub(super) struct Names<'a> {
    /// The full name of the Kubernetes definition with a short name and fields, if there is one.
    pub(super) kubernetes: &'a dyn Fn(&str, &[&str]) -> Option<String>,
    /// Defaults of structs that are items of lists, by name.
    pub(super) items: BTreeMap<&'static str, Json>,
}

/// The schema of a type, with its defaults.
pub(super) fn schema_of<T: DeserializeOwned + Serialize + Default>(names: &Names<'_>) -> Json {
    let default = json_of(&T::default());
    let mut slot = Json::Null;
    let result = T::deserialize(Tracer { slot: &mut slot, default: Some(&default), names });
    result.expect("every type of a model can be traced");
    slot
}

/// A value as JSON.
pub(super) fn json_of<T: Serialize>(value: &T) -> Json {
    serde_json::to_value(value).expect("models hold nothing that JSON cannot")
}

/// A type asked for something that values cannot hold.
#[derive(Debug)]
struct Unfit(String);

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

impl de::Error for Unfit {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Unfit(message.to_string())
    }
}

/// Writes the schema of one value.
struct Tracer<'a> {
    slot: &'a mut Json,
    /// What stands there by default.
    default: Option<&'a Json>,
    names: &'a Names<'a>,
}

impl Tracer<'_> {
    fn leaf(&mut self, mut schema: Json) {
        if let (Some(default), Some(map)) = (self.default, schema.as_object_mut()) {
            map.insert("default".to_owned(), default.clone());
        }
        *self.slot = schema;
    }
}

macro_rules! leaf {
    ($($method:ident => $schema:expr, $visit:ident($value:expr);)*) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unfit> {
            self.leaf($schema);
            visitor.$visit($value)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Tracer<'_> {
    type Error = Unfit;

    leaf! {
        deserialize_bool => json!({"type": "boolean"}), visit_bool(false);
        deserialize_i8 => json!({"type": "integer", "minimum": i8::MIN, "maximum": i8::MAX}), visit_i64(0);
        deserialize_i16 => json!({"type": "integer", "minimum": i16::MIN, "maximum": i16::MAX}), visit_i64(0);
        deserialize_i32 => json!({"type": "integer", "format": "int32"}), visit_i64(0);
        deserialize_i64 => json!({"type": "integer"}), visit_i64(0);
        deserialize_u8 => json!({"type": "integer", "minimum": 0, "maximum": u8::MAX}), visit_u64(0);
        deserialize_u16 => json!({"type": "integer", "minimum": 0, "maximum": u16::MAX}), visit_u64(0);
        deserialize_u32 => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}), visit_u64(0);
        deserialize_u64 => json!({"type": "integer", "minimum": 0}), visit_u64(0);
        deserialize_f32 => json!({"type": "number"}), visit_f64(0.0);
        deserialize_f64 => json!({"type": "number"}), visit_f64(0.0);
        deserialize_char => json!({"type": "string"}), visit_char('a');
        deserialize_str => json!({"type": "string"}), visit_str("");
        deserialize_string => json!({"type": "string"}), visit_str("");
        deserialize_bytes => json!({"type": "string"}), visit_bytes(b"");
        deserialize_byte_buf => json!({"type": "string"}), visit_bytes(b"");
        // Only numbers or texts of Kubernetes ask for anything.
        deserialize_any => json!({"type": ["integer", "string"]}), visit_i64(0);
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        let Tracer { slot, default, names } = self;
        let value = visitor.visit_some(Tracer { slot: &mut *slot, default, names })?;
        let nullable = match slot.as_object_mut() {
            Some(map) => match map.get_mut("type") {
                Some(Json::Array(types)) => {
                    types.push(json!("null"));
                    true
                }
                Some(one) => {
                    *one = json!([one.clone(), "null"]);
                    if let Some(Json::Array(choices)) = map.get_mut("enum") {
                        choices.push(Json::Null);
                    }
                    true
                }
                None => false,
            },
            None => false,
        };
        if !nullable {
            let mut inner = slot.take();
            let default = inner.as_object_mut().and_then(|map| map.shift_remove("default"));
            *slot = json!({"anyOf": [inner, {"type": "null"}]});
            if let (Some(default), Some(map)) = (default, slot.as_object_mut()) {
                map.insert("default".to_owned(), default);
            }
        }
        Ok(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unfit> {
        self.leaf(json!({}));
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        match name {
            "Quantity" => {
                self.leaf(json!({"type": ["string", "number"], "format": "quantity"}));
                visitor.visit_newtype_struct("0".into_deserializer())
            }
            WHOLE => {
                self.leaf(json!({"type": ["integer", "string"], "format": "whole"}));
                visitor.visit_newtype_struct(0i64.into_deserializer())
            }
            HIDDEN => {
                self.leaf(json!({"type": "string", "format": "password"}));
                visitor.visit_newtype_struct("".into_deserializer())
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unfit> {
        let mut items = Json::Null;
        let names = self.names;
        let value = visitor.visit_seq(One { slot: Some(&mut items), names })?;
        self.leaf(json!({"type": "array", "items": items}));
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unfit> {
        let mut members = Json::Null;
        let names = self.names;
        let value = visitor.visit_map(One { slot: Some(&mut members), names })?;
        self.leaf(json!({"type": "object", "additionalProperties": members}));
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        let names = self.names;
        if let Some(full) = (names.kubernetes)(name, fields) {
            self.leaf(json!({"$ref": format!("kubernetes:{full}")}));
            // Its fields are known; the value of none is needed.
            return visitor.visit_map(Fields {
                fields: &[],
                current: "",
                of: &mut Map::new(),
                default: None,
                names,
            });
        }
        let default = self.default.filter(|it| it.is_object()).or_else(|| names.items.get(name));
        let mut properties = Map::new();
        let fields = Fields { fields, current: "", of: &mut properties, default, names };
        let value = visitor.visit_map(fields)?;
        let mut schema = json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        // Absent, it is made of the defaults of its properties.
        if let (Some(default), Some(map)) = (self.default, schema.as_object_mut()) {
            let empty = if default.is_null() { Json::Null } else { json!({}) };
            map.insert("default".to_owned(), empty);
        }
        *self.slot = schema;
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.leaf(json!({"type": "string", "enum": variants}));
        let first = variants.first().copied().unwrap_or_default();
        visitor.visit_enum(first.into_deserializer())
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_unit(visitor)
    }
}

/// The one item or member that is traced.
struct One<'a> {
    slot: Option<&'a mut Json>,
    names: &'a Names<'a>,
}

impl<'de> de::SeqAccess<'de> for One<'_> {
    type Error = Unfit;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unfit> {
        let Some(slot) = self.slot.take() else { return Ok(None) };
        seed.deserialize(Tracer { slot, default: None, names: self.names }).map(Some)
    }
}

impl<'de> de::MapAccess<'de> for One<'_> {
    type Error = Unfit;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unfit> {
        match self.slot {
            Some(_) => seed.deserialize("key".into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        let slot = self.slot.take().expect("a value follows its key");
        seed.deserialize(Tracer { slot, default: None, names: self.names })
    }
}

/// Every field of a struct in turn.
struct Fields<'a> {
    fields: &'static [&'static str],
    current: &'static str,
    of: &'a mut Map<String, Json>,
    default: Option<&'a Json>,
    names: &'a Names<'a>,
}

impl<'de> de::MapAccess<'de> for Fields<'_> {
    type Error = Unfit;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unfit> {
        let Some((first, rest)) = self.fields.split_first() else { return Ok(None) };
        (self.current, self.fields) = (first, rest);
        seed.deserialize((*first).into_deserializer()).map(Some)
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        let mut slot = Json::Null;
        let default = self.default.and_then(|default| default.get(self.current));
        let value = seed.deserialize(Tracer { slot: &mut slot, default, names: self.names })?;
        self.of.insert(self.current.to_owned(), slot);
        Ok(value)
    }
}
