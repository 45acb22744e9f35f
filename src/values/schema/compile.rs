//! From a schema's JSON to what is evaluated: references resolved, patterns compiled.
//!
//! Documents hold resources (schemas with a name of their own), resources hold anchors. A
//! document is checked against the metaschema of its draft before it is compiled. No reference
//! ever leads outside: addresses of files and hosts fail as if nothing were there.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use crate::golang::quote::quote;
use crate::golang::regexp::Regexp;

use super::Foreign;
use super::draft::{self, Draft};
use super::eval::{Meta, validate};
use super::format::Format;
use super::json::{Decimal, Json};
use super::keywords::Object;
use super::plain;
use super::url;

/// Number of a compiled schema.
pub(super) type Id = usize;

/// A compiled schema. Fields are named as the keywords.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the keywords are booleans")]
pub(super) struct Schema {
    /// Address of the document and pointer below it, encoded.
    pub(super) location: String,
    /// The resource it stands in.
    pub(super) resource: Id,
    pub(super) draft: Option<Draft>,
    pub(super) boolean: Option<bool>,
    pub(super) dynamic_anchors: Vec<(String, Id)>,
    pub(super) all_props_evaluated: bool,
    pub(super) all_items_evaluated: bool,
    pub(super) items_evaluated: usize,

    pub(super) reference: Option<Id>,
    pub(super) recursive_ref: Option<Id>,
    pub(super) recursive_anchor: bool,
    pub(super) dynamic_ref: Option<(Id, Option<String>)>,
    pub(super) dynamic_anchor: String,
    pub(super) types: u8,
    pub(super) constant: Option<Json>,
    pub(super) choices: Option<Vec<Json>>,
    pub(super) not: Option<Id>,
    pub(super) all_of: Vec<Id>,
    pub(super) any_of: Vec<Id>,
    pub(super) one_of: Vec<Id>,
    pub(super) condition: Option<Id>,
    pub(super) then: Option<Id>,
    pub(super) otherwise: Option<Id>,
    pub(super) format: Option<Format>,

    pub(super) max_properties: Option<usize>,
    pub(super) min_properties: Option<usize>,
    pub(super) required: Vec<String>,
    pub(super) property_names: Option<Id>,
    pub(super) properties: HashMap<String, Id, foldhash::fast::RandomState>,
    pub(super) pattern_properties: Vec<(Rc<Regexp>, Id)>,
    pub(super) additional_properties: Extra,
    pub(super) dependencies: Vec<(String, Dependency)>,
    pub(super) dependent_required: Vec<(String, Vec<String>)>,
    pub(super) dependent_schemas: Vec<(String, Id)>,
    pub(super) unevaluated_properties: Option<Id>,

    pub(super) min_items: Option<usize>,
    pub(super) max_items: Option<usize>,
    pub(super) unique_items: bool,
    pub(super) contains: Option<Id>,
    pub(super) min_contains: Option<usize>,
    pub(super) max_contains: Option<usize>,
    /// `prefixItems`, or the list form of `items` in older drafts.
    pub(super) prefix_items: Vec<Id>,
    /// `items` for the rest, or its single form in older drafts.
    pub(super) items: Option<Id>,
    pub(super) additional_items: Extra,
    pub(super) unevaluated_items: Option<Id>,

    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    pub(super) pattern: Option<(String, Rc<Regexp>)>,

    pub(super) maximum: Option<Decimal>,
    pub(super) minimum: Option<Decimal>,
    pub(super) exclusive_maximum: Option<Decimal>,
    pub(super) exclusive_minimum: Option<Decimal>,
    pub(super) multiple_of: Option<Decimal>,
}

/// What is said of members that no other keyword covers.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Extra {
    #[default]
    Unsaid,
    Allowed(bool),
    Schema(Id),
}

/// What the presence of a property asks for.
#[derive(Debug)]
pub(super) enum Dependency {
    Properties(Vec<String>),
    Schema(Id),
}

/// Bits of [`Schema::types`], in the order in which messages name them.
pub(super) const TYPES: [&str; 7] =
    ["null", "boolean", "number", "integer", "string", "array", "object"];

/// A draft and the vocabularies that a custom metaschema asks for.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) draft: Draft,
    vocabularies: Option<Vec<String>>,
}

impl Dialect {
    /// Whether a vocabulary is in force.
    pub(super) fn has(&self, vocabulary: &str) -> bool {
        if vocabulary == "core" || self.draft < Draft::D2019 {
            return true;
        }
        match &self.vocabularies {
            Some(named) => named.iter().any(|name| name == vocabulary),
            None => self.draft.has_by_default(vocabulary),
        }
    }
}

/// A schema with a name of its own.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pointer: String,
    /// Its address.
    pub(super) id: String,
    /// Its draft.
    pub(super) dialect: Dialect,
    anchors: BTreeMap<String, String>,
    dynamic_anchors: Vec<String>,
}

/// A document.
#[derive(Clone, Debug)]
pub(super) struct Root {
    /// Its address.
    pub(super) url: String,
    doc: Rc<Json>,
    /// Its resources by pointer.
    pub(super) resources: BTreeMap<String, Resource>,
    processed: HashSet<String, foldhash::fast::RandomState>,
}

impl Root {
    fn resource(&self, pointer: &str) -> &Resource {
        let mut pointer = pointer;
        loop {
            if let Some(found) = self.resources.get(pointer) {
                return found;
            }
            pointer = &pointer[..pointer.rfind('/').expect("the root is a resource")];
        }
    }

    /// A fragment below a resource as a pointer below the document.
    pub(super) fn pointer(&self, fragment: &str, resource: &Resource) -> Result<String, String> {
        if fragment.is_empty() || fragment.starts_with('/') {
            return Ok(format!("{}{fragment}", resource.pointer));
        }
        resource.anchors.get(fragment).cloned().ok_or_else(|| {
            let reference = format!("{}#{}", resource.id, url::encode(fragment));
            format!(
                "anchor in {} not found in schema {}",
                quote(reference.as_bytes()),
                quote(self.url.as_bytes())
            )
        })
    }
}

/// Compiles schemas into one list.
#[derive(Default)]
pub(super) struct Compiler<'f> {
    /// Where documents come from that stand elsewhere.
    pub(super) foreign: Option<&'f dyn Foreign>,
    /// All that was compiled.
    pub(super) schemas: Vec<Schema>,
    /// Addresses of `urn:` references, which Helm lets pass with a warning.
    pub(super) urns: Vec<String>,
    documents: HashMap<String, Rc<Json>>,
    /// Documents in use, by address.
    pub(super) roots: HashMap<String, Root>,
    /// Schemas by document and pointer; those of the metaschemas, whose formats are asserted,
    /// apart from those of the user.
    known: HashMap<(bool, String, String), Id, foldhash::fast::RandomState>,
    metaschemas: HashMap<Draft, Id>,
    /// Whether a metaschema is being compiled.
    pub(super) is_meta: bool,
}

impl Compiler<'_> {
    /// Compiles a document and gives its root.
    pub(super) fn compile(&mut self, address: &str, doc: Json) -> Result<Id, String> {
        self.documents.insert(address.to_owned(), Rc::new(doc));
        self.load_root(address)?;
        self.compile_from(address, "")
    }

    /// The metaschema of a draft.
    fn metaschema(&mut self, draft: Draft) -> Id {
        if let Some(id) = self.metaschemas.get(&draft) {
            return *id;
        }
        let outer = std::mem::replace(&mut self.is_meta, true);
        let id = self
            .load_root(draft.url())
            .and_then(|()| self.compile_from(draft.url(), ""))
            .expect("published metaschemas compile");
        self.is_meta = outer;
        self.metaschemas.insert(draft, id);
        id
    }

    fn load(&mut self, address: &str) -> Result<Rc<Json>, String> {
        if let Some(doc) = self.documents.get(address) {
            return Ok(doc.clone());
        }
        let doc = match draft::metaschema(address) {
            Some(doc) => doc,
            None => self.load_foreign(address)?,
        };
        let doc = Rc::new(doc);
        self.documents.insert(address.to_owned(), doc.clone());
        Ok(doc)
    }

    fn load_foreign(&mut self, address: &str) -> Result<Json, String> {
        let shown = quote(address.as_bytes());
        let fail = |reason: String| Err(format!("failing loading {shown}: {reason}"));
        let scheme = match url::check(address) {
            Ok(scheme) => scheme,
            Err(reason) => return fail(reason),
        };
        match self.foreign.and_then(|foreign| foreign.load(address)) {
            Some(Ok(text)) => return super::json::parse(&text).or_else(fail),
            Some(Err(reason)) => return fail(reason),
            None => {}
        }
        match scheme.as_str() {
            "urn" => {
                if !self.urns.iter().any(|known| known == address) {
                    self.urns.push(address.to_owned());
                }
                Ok(Json::Bool(true))
            }
            "file" => {
                let path = url::file_path(address).unwrap_or_default();
                fail(format!("open {path}: no such file or directory"))
            }
            "http" | "https" => fail(
                "rhumb does not use the network: download it, refer to the file and give \
                 --schema-files"
                    .into(),
            ),
            _ => fail(format!("no URLLoader registered for {shown}")),
        }
    }

    /// Reads a document and checks it, once.
    pub(super) fn load_root(&mut self, address: &str) -> Result<(), String> {
        if self.roots.contains_key(address) {
            return Ok(());
        }
        let doc = self.load(address)?;
        let mut root = Root {
            url: address.to_owned(),
            doc: doc.clone(),
            resources: BTreeMap::new(),
            processed: HashSet::default(),
        };
        let fallback = Dialect { draft: Draft::LATEST, vocabularies: None };
        self.collect(&mut root, &doc, address, "", &fallback)?;
        if !draft::is_official(address) {
            self.check(&root, &doc, "")?;
        }
        self.roots.insert(address.to_owned(), root);
        Ok(())
    }

    /// Holds a schema against the metaschema of its draft.
    fn check(&mut self, root: &Root, value: &Json, pointer: &str) -> Result<(), String> {
        if plain::is_valid(value) {
            return Ok(());
        }
        let drafts: HashSet<Draft> =
            root.resources.values().map(|resource| resource.dialect.draft).collect();
        let mut drafts: Vec<Draft> = drafts.into_iter().collect();
        drafts.sort();
        for draft in drafts {
            self.metaschema(draft);
        }
        let id = self.metaschemas[&root.resource(pointer).dialect.draft];
        let meta = Meta { schema: id, resources: &root.resources, metaschemas: &self.metaschemas };
        validate(&self.schemas, id, value, Some(meta)).map_err(|error| {
            let shown = format!("{}#{}", root.url, url::encode(pointer));
            format!("{} is not valid against metaschema: {error}", quote(shown.as_bytes()))
        })
    }

    /// Finds the resources and anchors of a schema and of all below it.
    fn collect(
        &mut self,
        root: &mut Root,
        schema: &Json,
        base: &str,
        pointer: &str,
        fallback: &Dialect,
    ) -> Result<(), String> {
        if root.processed.contains(pointer) {
            return Ok(());
        }
        let is_root = pointer.is_empty();
        let resource = |id: &str, dialect: &Dialect| Resource {
            pointer: pointer.to_owned(),
            id: id.to_owned(),
            dialect: dialect.clone(),
            anchors: BTreeMap::new(),
            dynamic_anchors: Vec::new(),
        };
        if schema.as_object().is_none() {
            if is_root {
                root.resources.insert(String::new(), resource(base, fallback));
            }
            root.processed.insert(pointer.to_owned());
            return Ok(());
        }
        let mut names_schema = schema.get("$schema").is_some_and(|it| it.as_str().is_some());
        let here = || format!("{}#{}", root.url, url::encode(pointer));
        let mut draft =
            self.draft_of(&root.url, pointer, schema, fallback.draft, &mut HashSet::new())?;
        let mut id = draft.id_of(schema);
        if id.is_empty() && !is_root {
            draft = fallback.draft;
            names_schema = false;
            id = draft.id_of(schema);
        }
        let mut base = base.to_owned();
        if !id.is_empty() {
            url::check(id)
                .map_err(|_| format!("error in parsing id at {}", quote(here().as_bytes())))?;
            base = url::resolve(&base, id);
        }
        if is_root || !id.is_empty() {
            let twin = root.resources.values().find(|known| known.id == base);
            match twin {
                Some(twin) if twin.pointer != pointer => {
                    return Err(format!(
                        "duplicate id {} in {} at {} and {}",
                        quote(base.as_bytes()),
                        quote(root.url.as_bytes()),
                        quote(pointer.as_bytes()),
                        quote(twin.pointer.as_bytes())
                    ));
                }
                Some(_) => {}
                None => {
                    let dialect = if names_schema {
                        Dialect { draft, vocabularies: self.vocabularies_of(schema, draft)? }
                    } else {
                        fallback.clone()
                    };
                    root.resources.insert(pointer.to_owned(), resource(&base, &dialect));
                }
            }
        }
        let owner = root
            .resources
            .values()
            .find(|known| known.id == base)
            .expect("the base was found or made above");
        let (owner, dialect) = (owner.pointer.clone(), owner.dialect.clone());
        collect_anchors(root, schema, pointer, &owner)?;
        let mut below = Vec::new();
        draft.subschemas(schema, |keys, index, item| {
            let mut path = pointer.to_owned();
            for key in keys {
                path.push('/');
                path.push_str(&url::escape(key));
            }
            if index != usize::MAX {
                path.push('/');
                path.push_str(&index.to_string());
            }
            below.push((path, item));
        });
        for (path, item) in below {
            self.collect(root, item, &base, &path, &dialect)?;
        }
        root.processed.insert(pointer.to_owned());
        Ok(())
    }

    fn draft_of(
        &mut self,
        address: &str,
        pointer: &str,
        schema: &Json,
        fallback: Draft,
        seen: &mut HashSet<String>,
    ) -> Result<Draft, String> {
        let Some(name) = schema.get("$schema").and_then(Json::as_str) else {
            return Ok(fallback);
        };
        if let Some(draft) = Draft::from_url(name) {
            return Ok(draft);
        }
        let (name, _) = url::split(name);
        let shown = |text: &str| quote(text.as_bytes());
        if let Err(reason) = url::check(name) {
            let here = format!("{address}#{}", url::encode(pointer));
            return Err(format!("invalid $schema in {}: {reason}", shown(&here)));
        }
        if pointer.is_empty() && name == address {
            return Err(format!("draft {} is not supported", shown(name)));
        }
        if !seen.insert(name.to_owned()) {
            return Err(format!("cycle in resolving $schema in {}", shown(name)));
        }
        let doc = self.load(name)?;
        self.draft_of(name, "", &doc, fallback, seen)
    }

    fn vocabularies_of(
        &mut self,
        schema: &Json,
        draft: Draft,
    ) -> Result<Option<Vec<String>>, String> {
        let Some(name) = schema.get("$schema").and_then(Json::as_str) else { return Ok(None) };
        if Draft::from_url(name).is_some() {
            return Ok(None);
        }
        let (name, _) = url::split(name);
        let doc = self.load(name)?;
        draft.vocabularies(&doc).map_err(|unknown| {
            format!(
                "unsupported vocabulary {} in {}",
                quote(unknown.as_bytes()),
                quote(name.as_bytes())
            )
        })
    }

    /// Compiles a schema and all that it reaches.
    fn compile_from(&mut self, address: &str, pointer: &str) -> Result<Id, String> {
        let mut queue = Vec::new();
        let first = self.enqueue(&mut queue, address, pointer);
        let mut done = 0;
        while done < queue.len() {
            let (id, address, pointer) = queue[done].clone();
            done += 1;
            self.ensure_subschema(&address, &pointer)?;
            let root = &self.roots[&address];
            let doc = root.doc.clone();
            let value = look_up(&doc, &address, &pointer)?;
            let resource = root.resource(&pointer).clone();
            let mut schema = Schema {
                location: format!("{address}#{}", url::encode(&pointer)),
                draft: Some(resource.dialect.draft),
                ..Schema::default()
            };
            schema.resource = self.enqueue(&mut queue, &address, &resource.pointer);
            if resource.dialect.draft >= Draft::D2020 && schema.resource == id {
                for (anchor, at) in &resource.anchors {
                    if resource.dynamic_anchors.contains(anchor) {
                        let target = self.enqueue(&mut queue, &address, at);
                        schema.dynamic_anchors.push((anchor.clone(), target));
                    }
                }
            }
            match value {
                Json::Bool(value) => schema.boolean = Some(*value),
                Json::Object(map) if map.is_empty() => schema.boolean = Some(true),
                Json::Object(map) => {
                    let object = Object {
                        map,
                        address: &address,
                        pointer: &pointer,
                        resource: &resource,
                        compiler: self,
                        queue: &mut queue,
                    };
                    object.fill(&mut schema)?;
                }
                _ => {}
            }
            schema.all_props_evaluated = !matches!(schema.additional_properties, Extra::Unsaid);
            schema.all_items_evaluated =
                schema.items.is_some() || !matches!(schema.additional_items, Extra::Unsaid);
            schema.items_evaluated = schema.prefix_items.len();
            self.schemas[id] = schema;
        }
        Ok(first)
    }

    /// The number of a schema, which is compiled when its turn comes.
    pub(super) fn enqueue(
        &mut self,
        queue: &mut Vec<(Id, String, String)>,
        address: &str,
        pointer: &str,
    ) -> Id {
        let key = (self.is_meta, address.to_owned(), pointer.to_owned());
        if let Some(id) = self.known.get(&key) {
            return *id;
        }
        let id = self.schemas.len();
        self.schemas.push(Schema::default());
        queue.push((id, address.to_owned(), pointer.to_owned()));
        self.known.insert(key, id);
        id
    }

    /// Makes a place usable as a schema that the drafts do not know for one.
    fn ensure_subschema(&mut self, address: &str, pointer: &str) -> Result<(), String> {
        self.load_root(address)?;
        if self.roots[address].processed.contains(pointer) {
            return Ok(());
        }
        let mut root = self.roots[address].clone();
        let doc = root.doc.clone();
        let value = look_up(&doc, address, pointer)?;
        let resource = root.resource(pointer);
        let (base, dialect, owner) =
            (resource.id.clone(), resource.dialect.clone(), resource.pointer.clone());
        self.collect(&mut root, value, &base, pointer, &dialect)?;
        if !root.resources.contains_key(pointer) {
            collect_anchors(&mut root, value, pointer, &owner)?;
        }
        self.check(&root, value, pointer)?;
        self.roots.insert(address.to_owned(), root);
        Ok(())
    }
}

/// Adds the anchors of one schema to the resource at `owner`.
fn collect_anchors(
    root: &mut Root,
    schema: &Json,
    pointer: &str,
    owner: &str,
) -> Result<(), String> {
    let text = |key: &str| schema.get(key).and_then(Json::as_str).map(str::to_owned);
    let address = root.url.clone();
    let Some(resource) = root.resources.get_mut(owner) else { return Ok(()) };
    let draft = resource.dialect.draft;
    let mut found = Vec::new();
    if draft < Draft::D2019 {
        if schema.get("$ref").is_none()
            && let Some(id) = text(draft.id_keyword())
        {
            let (_, fragment) = url::split_fragment(&id).map_err(|_| {
                let here = format!("{address}#{}", url::encode(pointer));
                format!("error in parsing anchor at {}", quote(here.as_bytes()))
            })?;
            if !fragment.is_empty() && !fragment.starts_with('/') {
                found.push((fragment, false));
            }
        }
    } else {
        found.extend(text("$anchor").map(|anchor| (anchor, false)));
    }
    if draft >= Draft::D2020 {
        found.extend(text("$dynamicAnchor").map(|anchor| (anchor, true)));
    }
    for (anchor, is_dynamic) in found {
        match resource.anchors.get(&anchor) {
            Some(known) if known != pointer => {
                return Err(format!(
                    "duplicate anchor {} in {} at {} and {}",
                    quote(anchor.as_bytes()),
                    quote(address.as_bytes()),
                    quote(known.as_bytes()),
                    quote(pointer.as_bytes())
                ));
            }
            _ => {
                resource.anchors.insert(anchor.clone(), pointer.to_owned());
            }
        }
        if is_dynamic {
            resource.dynamic_anchors.push(anchor);
        }
    }
    Ok(())
}

fn look_up<'a>(doc: &'a Json, address: &str, pointer: &str) -> Result<&'a Json, String> {
    let shown = || {
        let whole = format!("{address}#{}", url::encode(pointer));
        quote(whole.as_bytes())
    };
    let mut value = doc;
    for token in pointer.split('/').skip(1) {
        let token =
            url::unescape(token).ok_or_else(|| format!("invalid json-pointer {}", shown()))?;
        let next = match value {
            Json::Object(map) => map.get(&token),
            Json::Array(items) => token.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        };
        value = next.ok_or_else(|| format!("json-pointer in {} not found", shown()))?;
    }
    Ok(value)
}
