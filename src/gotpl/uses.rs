//! What templates read of values, found without executing them.
//!
//! The trees are walked with symbols instead of values: a symbol says which path of the values
//! a value is, if it is one. Both sides of every condition count, so that a value is known to be
//! read even when this run does not reach the place.

mod functions;

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;

use super::ast::{Command, Fields, Node, Operand, Pipe, Term, Tree};
use super::set::{Parsed, TemplateSet};
use crate::doc::uses::{Seg, UsePlace, Uses, Way};

/// Nodes visited before the analysis gives up and takes everything for read.
const MAX_STEPS: u32 = 2_000_000;

/// Calls of named templates within each other.
const MAX_DEPTH: u32 = 60;

/// A chart whose templates are analysed.
#[derive(Clone, Debug)]
pub struct Start {
    /// Names of the chart's templates.
    pub templates: Vec<String>,
    /// Texts that may be given to `tpl`: files, and values that hold actions.
    pub texts: Vec<(String, Vec<u8>)>,
    /// Where its values are among those of the root chart.
    pub path: Vec<Arc<str>>,
}

/// The paths of values that the templates of a tree of charts read.
pub fn uses(set: &TemplateSet, starts: &[Start]) -> Uses {
    let prefixes = starts.iter().map(|start| start.path.clone()).collect();
    let mut walk = Walk {
        set,
        prefixes,
        uses: Uses::default(),
        seen: HashSet::new(),
        called: HashSet::new(),
        variables: Vec::new(),
        steps: 0,
        depth: 0,
    };
    for start in starts {
        let root = Sym::Root(start.path.as_slice().into());
        for name in &start.templates {
            if !name.rsplit('/').next().is_some_and(|base| base.starts_with('_')) {
                walk.call(name, &root);
            }
        }
        for (name, text) in &start.texts {
            if let Ok(parsed) = Parsed::new(name, Bytes::copy_from_slice(text)) {
                let trees: Vec<Arc<Tree>> = parsed.trees().to_vec();
                for tree in &trees {
                    walk.tree(tree, &root);
                }
            }
        }
    }
    // What nothing calls by a name that is written out gets the dot that it most likely has.
    for start in starts {
        let root = Sym::Root(start.path.as_slice().into());
        let own: HashSet<&str> = start.templates.iter().map(String::as_str).collect();
        let uncalled: Vec<Arc<Tree>> = set
            .trees()
            .filter(|tree| own.contains(tree.file.name.as_str()))
            .filter(|tree| !walk.called.contains(&*tree.name))
            .cloned()
            .collect();
        for tree in &uncalled {
            walk.tree(tree, &root);
        }
    }
    if walk.steps > MAX_STEPS {
        walk.uses.whole = true;
    }
    walk.uses
}

/// What is known of a value.
#[derive(Clone, Debug)]
enum Sym {
    /// Nothing that has to do with values.
    Other,
    /// A literal text.
    Literal(Rc<str>),
    /// One of several literal texts.
    Words(Rc<[Rc<str>]>),
    /// A text of which parts are known, `*` for the others.
    Glob(Rc<str>),
    /// The dot of the chart whose values are at this path.
    Root(Rc<[Arc<str>]>),
    /// The value at a path.
    At(Rc<[Seg]>),
    /// A map that a template made.
    Dict(Rc<BTreeMap<String, Sym>>),
    /// A list that a template made.
    List(Rc<[Sym]>),
    /// One of several.
    Many(Rc<[Sym]>),
}

impl Sym {
    fn many(all: impl IntoIterator<Item = Sym>) -> Sym {
        let mut kept: Vec<Sym> = Vec::new();
        for sym in all {
            match sym {
                Sym::Other | Sym::Literal(_) | Sym::Words(_) | Sym::Glob(_) => {}
                Sym::Many(inner) => kept.extend(inner.iter().cloned()),
                sym => kept.push(sym),
            }
        }
        kept.truncate(16);
        match kept.len() {
            0 => Sym::Other,
            1 => kept.remove(0),
            _ => Sym::Many(kept.into()),
        }
    }

    /// Any item or member of a value.
    fn item(&self) -> Sym {
        match self {
            Sym::At(path) => Sym::At(path.iter().cloned().chain([None]).collect()),
            Sym::Dict(map) => Sym::many(map.values().cloned()),
            Sym::List(items) => {
                let words = items.iter().map(|item| match item {
                    Sym::Literal(word) => Some(word.clone()),
                    _ => None,
                });
                match words.collect::<Option<Vec<_>>>() {
                    Some(words) => Sym::Words(words.into()),
                    None => Sym::many(items.iter().cloned()),
                }
            }
            Sym::Many(all) => Sym::many(all.iter().map(Sym::item)),
            Sym::Root(_) | Sym::Other | Sym::Literal(_) | Sym::Words(_) | Sym::Glob(_) => {
                Sym::Other
            }
        }
    }

    /// Whether it leads to values.
    fn matters(&self) -> bool {
        !matches!(self, Sym::Other | Sym::Literal(_) | Sym::Words(_) | Sym::Glob(_))
    }
}

struct Walk<'a> {
    set: &'a TemplateSet,
    /// Where values of charts are.
    prefixes: HashSet<Vec<Arc<str>>>,
    uses: Uses,
    /// Templates and dots that have been walked.
    seen: HashSet<(usize, String)>,
    /// Names of the templates that have been called.
    called: HashSet<Box<str>>,
    variables: Vec<(u32, Sym)>,
    steps: u32,
    depth: u32,
}

impl Walk<'_> {
    fn call(&mut self, name: &str, dot: &Sym) {
        if let Some(tree) = self.set.tree(name).cloned() {
            self.called.insert(name.into());
            self.tree(&tree, dot);
        }
    }

    /// Calls every template whose name has the known parts.
    fn call_all(&mut self, pattern: &str, dot: &Sym) {
        let parts: Vec<&str> = pattern.split('*').collect();
        let fits = |name: &str| {
            let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
            name.len() >= first.len() + last.len()
                && name.starts_with(first)
                && name.ends_with(last)
                && parts.iter().all(|part| name.contains(part))
        };
        let names = self.set.trees().map(|tree| tree.name.clone());
        let names: Vec<Box<str>> = names.filter(|name| fits(name)).collect();
        for name in &names {
            self.call(name, dot);
        }
    }

    /// Notes that all is read that a value holds, unless it is a chart's dot or all its values.
    fn read_parts(&mut self, tree: &Tree, pos: u32, sym: &Sym) {
        match sym {
            Sym::At(path) if self.is_chart(path) || path.is_empty() => {}
            Sym::At(_) => self.read(tree, pos, sym, Way::Whole),
            Sym::Dict(map) => map.values().for_each(|sym| self.read_parts(tree, pos, sym)),
            Sym::List(all) | Sym::Many(all) => {
                all.iter().for_each(|sym| self.read_parts(tree, pos, sym));
            }
            _ => {}
        }
    }

    fn tree(&mut self, tree: &Arc<Tree>, dot: &Sym) {
        let key = (Arc::as_ptr(tree).addr(), format!("{dot:?}"));
        if self.depth == MAX_DEPTH || !self.seen.insert(key) {
            return;
        }
        self.depth += 1;
        let variables = std::mem::replace(&mut self.variables, vec![(0, dot.clone())]);
        self.list(tree, dot, &tree.root);
        self.variables = variables;
        self.depth -= 1;
    }

    fn list(&mut self, tree: &Tree, dot: &Sym, nodes: &[Node]) {
        let mark = self.variables.len();
        for node in nodes {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                break;
            }
            self.node(tree, dot, node);
        }
        self.variables.truncate(mark);
    }

    fn node(&mut self, tree: &Tree, dot: &Sym, node: &Node) {
        match node {
            Node::Text(_) | Node::Break | Node::Continue => {}
            Node::Action(pipe) => {
                let sym = self.pipe(tree, dot, pipe);
                if pipe.decl.is_empty() {
                    self.read(tree, pipe.pos, &sym, Way::Printed);
                }
            }
            Node::If(branch) | Node::With(branch) => {
                let mark = self.variables.len();
                let sym = self.pipe(tree, dot, &branch.pipe);
                self.read(tree, branch.pipe.pos, &sym, Way::Tested);
                let is_with = matches!(node, Node::With(_));
                self.list(tree, if is_with { &sym } else { dot }, &branch.list);
                if let Some(list) = &branch.otherwise {
                    self.list(tree, dot, list);
                }
                self.variables.truncate(mark);
            }
            Node::Range(branch) => {
                let mark = self.variables.len();
                let sym = self.pipe(tree, dot, &branch.pipe);
                self.read(tree, branch.pipe.pos, &sym, Way::Ranged);
                let item = sym.item();
                // The last variable is the element, one before it the index or key.
                if let Some(last) = branch.pipe.decl.last() {
                    self.assign(last.id, item.clone());
                    if let [key, _] = &*branch.pipe.decl {
                        self.assign(key.id, Sym::Other);
                    }
                }
                self.list(tree, &item, &branch.list);
                if let Some(list) = &branch.otherwise {
                    self.list(tree, dot, list);
                }
                self.variables.truncate(mark);
            }
            Node::Template(invocation) => {
                let sym = match &invocation.pipe {
                    Some(pipe) => self.pipe(tree, dot, pipe),
                    None => Sym::Other,
                };
                self.call(&invocation.name, &sym);
            }
        }
    }

    fn assign(&mut self, id: u32, sym: Sym) {
        if let Some(slot) = self.variables.iter_mut().rev().find(|(other, _)| *other == id) {
            slot.1 = sym;
        }
    }

    fn pipe(&mut self, tree: &Tree, dot: &Sym, pipe: &Pipe) -> Sym {
        self.steps += 1;
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(tree, dot, command, last.take()));
        }
        let sym = last.unwrap_or(Sym::Other);
        for variable in &pipe.decl {
            if pipe.assign {
                let known = self.variables.iter().rev().find(|(id, _)| *id == variable.id);
                let both =
                    Sym::many(known.map(|known| known.1.clone()).into_iter().chain([sym.clone()]));
                self.assign(variable.id, both);
            } else {
                self.variables.push((variable.id, sym.clone()));
            }
        }
        sym
    }

    fn command(&mut self, tree: &Tree, dot: &Sym, command: &Command, last: Option<Sym>) -> Sym {
        let first = &command.args[0];
        match &first.term {
            Term::Function(callee) => {
                let mut args: Vec<Sym> = Vec::with_capacity(command.args.len());
                for arg in &command.args[1..] {
                    args.push(self.operand(tree, dot, arg));
                }
                args.extend(last);
                self.function(tree, command.pos, callee.def, &args)
            }
            _ => self.operand(tree, dot, first),
        }
    }

    fn operand(&mut self, tree: &Tree, dot: &Sym, operand: &Operand) -> Sym {
        match &operand.term {
            Term::Dot => dot.clone(),
            Term::Field(names) => self.fields(tree, operand.pos, dot.clone(), *names),
            Term::Variable(variable, names) => {
                let known = self.variables.iter().rev().find(|(id, _)| *id == variable.id);
                let sym = known.map_or(Sym::Other, |known| known.1.clone());
                self.fields(tree, operand.pos, sym, *names)
            }
            Term::Function(callee) => self.function(tree, operand.pos, callee.def, &[]),
            Term::Pipe(pipe) => self.pipe(tree, dot, pipe),
            Term::Chain(chain) => {
                let base = self.operand(tree, dot, &chain.base);
                self.fields(tree, operand.pos, base, chain.fields)
            }
            Term::Str(literal) => match std::str::from_utf8(literal.bytes(&tree.file)) {
                Ok(text) => Sym::Literal(text.into()),
                Err(_) => Sym::Other,
            },
            Term::Nil | Term::Bool(_) | Term::Number(_) => Sym::Other,
        }
    }

    fn fields(&mut self, tree: &Tree, pos: u32, mut sym: Sym, fields: Fields) -> Sym {
        for name in fields.names(&tree.file) {
            sym = self.field(tree, pos, &sym, name);
        }
        sym
    }

    /// A member of a value by name; reading it is noted.
    fn field(&mut self, tree: &Tree, pos: u32, sym: &Sym, name: &str) -> Sym {
        match sym {
            Sym::Root(path) => match name {
                "Values" => Sym::At(path.iter().map(|key| Some(key.clone())).collect()),
                "Subcharts" => Sym::Dict(Rc::new(self.subcharts(path))),
                _ => Sym::Other,
            },
            Sym::At(path) => {
                if matches!(name, "AsMap" | "YAML") && self.is_chart(path) {
                    return sym.clone();
                }
                let path = self.below(path, name);
                self.uses.note(&path, None, Some(place(tree, pos)));
                Sym::At(path)
            }
            Sym::Dict(map) => map.get(name).cloned().unwrap_or(Sym::Other),
            Sym::Many(all) => {
                let all = Rc::clone(all);
                Sym::many(all.iter().map(|sym| self.field(tree, pos, sym, name)))
            }
            Sym::Other | Sym::Literal(_) | Sym::Words(_) | Sym::Glob(_) | Sym::List(_) => {
                Sym::Other
            }
        }
    }

    fn is_chart(&self, path: &[Seg]) -> bool {
        let path: Option<Vec<Arc<str>>> = path.iter().cloned().collect();
        path.is_some_and(|path| self.prefixes.contains(&path))
    }

    /// The path of a member; the globals of a chart are those of the root.
    fn below(&self, path: &[Seg], name: &str) -> Rc<[Seg]> {
        if name == "global" && self.is_chart(path) {
            return [Some(Arc::from(name))].into();
        }
        path.iter().cloned().chain([Some(Arc::from(name))]).collect()
    }

    fn subcharts(&self, path: &[Arc<str>]) -> BTreeMap<String, Sym> {
        let below = self
            .prefixes
            .iter()
            .filter(|prefix| prefix.len() == path.len() + 1 && prefix[..path.len()] == *path);
        below
            .map(|prefix| {
                let name = prefix.last().map(ToString::to_string).unwrap_or_default();
                (name, Sym::Root(prefix.as_slice().into()))
            })
            .collect()
    }

    /// Notes that a value is read in a certain way.
    fn read(&mut self, tree: &Tree, pos: u32, sym: &Sym, way: Way) {
        match sym {
            Sym::At(path) => self.uses.note(path, Some(way), Some(place(tree, pos))),
            Sym::Many(all) => all.iter().for_each(|sym| self.read(tree, pos, sym, way)),
            Sym::Dict(map) if way == Way::Whole => {
                map.values().for_each(|sym| self.read(tree, pos, sym, way));
            }
            Sym::List(items) if matches!(way, Way::Whole | Way::List) => {
                items.iter().for_each(|sym| self.read(tree, pos, sym, Way::Whole));
            }
            _ => {}
        }
    }
}

fn place(tree: &Tree, pos: u32) -> UsePlace {
    let (line, _) = tree.file.place(pos);
    UsePlace { file: tree.file.name.clone(), line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(uses: &Uses, path: &str, out: &mut Vec<String>) {
        if uses.whole || (uses.keys.is_empty() && uses.items.is_none()) {
            out.push(format!("{path}{}", if uses.whole { "*" } else { "" }));
        }
        for (key, below) in &uses.keys {
            lines(below, &format!("{path}.{key}"), out);
        }
        if let Some(items) = &uses.items {
            lines(items, &format!("{path}[]"), out);
        }
    }

    #[test]
    fn follows_values_through_templates() {
        let cases = [
            ("{{ .Values.a.b }}", ".a.b*"),
            ("{{ if .Values.a }}{{ .Values.b.c | quote }}{{ end }}", ".a .b.c*"),
            ("{{ with .Values.a }}{{ .b }}{{ $.Values.c }}{{ end }}", ".a.b* .c*"),
            ("{{ range $k, $v := .Values.m }}{{ $v.x }}{{ .y }}{{ end }}", ".m[].x* .m[].y*"),
            ("{{ $a := .Values.a }}{{ $b := default $a .Values.b }}{{ $b.c }}", ".a.c* .b.c*"),
            (
                "{{ define \"n\" }}{{ .ctx.Values.x }}{{ toYaml .v }}{{ end }}{{ include \"n\" (dict \"ctx\" $ \"v\" .Values.v) }}",
                ".v* .x*",
            ),
            ("{{ index .Values \"a-b\" \"c\" }}{{ get .Values.d \"e\" }}", ".a-b.c* .d.e*"),
            ("{{ dig \"a\" \"b\" \"none\" .Values.AsMap }}", ".a.b*"),
            ("{{ hasKey .Values.a \"b\" }}{{ eq .Values.c \"x\" }}", ".a.b .c"),
            (
                "{{ define \"lib-1.a\" }}{{ .v.x }}{{ end }}{{ $n := printf \"lib-%s\" .Chart.Version }}{{ include (printf \"%s.a\" $n) (dict \"v\" .Values.v) }}",
                ".v.x*",
            ),
            (
                "{{ range $f := list \"a\" \"b\" }}{{ with get $.Values $f }}{{ toYaml . }}{{ end }}{{ end }}",
                ".a* .b*",
            ),
            ("{{ .Values.global.x }}{{ .Subcharts.k.Values.y }}", ".global.x* .k.y*"),
            ("{{ tpl .Values.t . }}{{ tpl \"{{ .Values.u }}\" . }}", ".t* .u*"),
        ];
        for (text, want) in cases {
            let mut set = TemplateSet::new();
            set.parse("c/templates/a.yaml", text.as_bytes()).expect("parses");
            let start = |path: &[&str], templates: &[&str]| Start {
                templates: templates.iter().map(|name| (*name).to_owned()).collect(),
                texts: Vec::new(),
                path: path.iter().map(|key| Arc::from(*key)).collect(),
            };
            let uses = uses(&set, &[start(&[], &["c/templates/a.yaml"]), start(&["k"], &[])]);
            let mut found = Vec::new();
            lines(&uses, "", &mut found);
            found.sort();
            assert_eq!(found.join(" "), want, "{text}");
        }
        let mut set = TemplateSet::new();
        set.parse("k/a.yaml", b"{{ .Values.p }}{{ .Values.global.q }}").expect("parses");
        let path = vec![Arc::from("k")];
        let start = Start { templates: vec!["k/a.yaml".into()], texts: Vec::new(), path };
        let mut found = Vec::new();
        lines(&uses(&set, &[start]), "", &mut found);
        assert_eq!(found, [".global.q*", ".k.p*"]);
    }
}
