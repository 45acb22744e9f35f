//! What functions make of symbols, and what they read.

use std::rc::Rc;

use bytes::Bytes;

use super::{Sym, Walk};
use crate::doc::uses::Way;
use crate::funcs::{Def, Ty};
use crate::gotpl::ast::Tree;
use crate::gotpl::set::{Parsed, ROOT};

impl Walk<'_> {
    /// The result of a function.
    pub(super) fn function(
        &mut self,
        tree: &Tree,
        pos: u32,
        def: &'static Def,
        args: &[Sym],
    ) -> Sym {
        if args.is_empty() {
            return Sym::Other;
        }
        let literal = |at: usize| match args.get(at) {
            Some(Sym::Literal(text)) => Some(text.clone()),
            _ => None,
        };
        match def.name {
            "include" => {
                match args {
                    [Sym::Literal(name), dot] => self.call(name, dot),
                    [Sym::Words(names), dot] => {
                        for name in names.iter() {
                            self.call(name, dot);
                        }
                    }
                    [Sym::Glob(pattern), dot] => self.call_all(pattern, dot),
                    // Nobody knows what is called: it may read everything that it is given.
                    [_, dot] => self.read_parts(tree, pos, dot),
                    _ => {}
                }
                Sym::Other
            }
            "printf" | "print" => {
                let own = self.other(tree, pos, def, args);
                glob(def.name, args).unwrap_or(own)
            }
            "tpl" => {
                self.read(tree, pos, &args[0], Way::Text);
                if let (Some(text), Some(dot)) = (literal(0), args.get(1))
                    && let Ok(parsed) = Parsed::new(ROOT, Bytes::copy_from_slice(text.as_bytes()))
                    && let Some(body) = parsed.get(ROOT)
                {
                    self.tree(body, dot);
                }
                Sym::Other
            }
            "default" | "coalesce" | "ternary" | "and" | "or" | "merge" | "mustMerge"
            | "mergeOverwrite" | "mustMergeOverwrite" | "deepCopy" | "mustDeepCopy" | "first"
            | "mustFirst" | "last" | "mustLast" | "rest" | "mustRest" | "initial"
            | "mustInitial" | "append" | "mustAppend" | "prepend" | "mustPrepend" | "concat"
            | "uniq" | "mustUniq" | "compact" | "mustCompact" | "reverse" | "mustReverse"
            | "slice" | "mustSlice" | "without" | "mustWithout" | "pick" | "omit" | "required"
            | "chunk" | "mustChunk" => self.same(tree, pos, def.name, args),
            "dict" => {
                let pairs = args.chunks(2).filter_map(|pair| match pair {
                    [Sym::Literal(key), value] => Some((key.to_string(), value.clone())),
                    _ => None,
                });
                Sym::Dict(Rc::new(pairs.collect()))
            }
            "list" | "tuple" => Sym::List(args.into()),
            "index" | "get" => {
                let mut sym = args[0].clone();
                for key in &args[1..] {
                    sym = match key {
                        Sym::Literal(key) => self.field(tree, pos, &sym, key),
                        Sym::Words(keys) => {
                            Sym::many(keys.iter().map(|key| self.field(tree, pos, &sym, key)))
                        }
                        _ => {
                            self.read(tree, pos, &sym, Way::Ranged);
                            sym.item()
                        }
                    };
                }
                sym
            }
            "hasKey" => {
                if let Some(key) = literal(1) {
                    let sym = self.field(tree, pos, &args[0], &key);
                    self.read(tree, pos, &sym, Way::Tested);
                }
                Sym::Other
            }
            "dig" => {
                let Some((base, rest)) = args.split_last() else { return Sym::Other };
                let Some((default, keys)) = rest.split_last() else { return Sym::Other };
                let mut sym = base.clone();
                for key in keys {
                    sym = match key {
                        Sym::Literal(key) => self.field(tree, pos, &sym, key),
                        _ => sym.item(),
                    };
                }
                Sym::many([sym, default.clone()])
            }
            "pluck" => {
                let Some(key) = literal(0) else {
                    return Sym::many(args[1..].iter().map(Sym::item));
                };
                let found = args[1..].iter().map(|sym| self.field(tree, pos, sym, &key));
                let found: Vec<Sym> = found.collect();
                Sym::List(found.into())
            }
            "values" => Sym::List([args[0].item()].into()),
            "keys" => {
                for sym in args {
                    self.read(tree, pos, sym, Way::Map);
                }
                for sym in args {
                    self.read(tree, pos, &sym.item(), Way::Tested);
                }
                Sym::Other
            }
            "set" => {
                // What is put into a map is no longer followed.
                if let (Some(key), Some(value)) = (literal(1), args.get(2)) {
                    if !matches!(args[0], Sym::At(_)) {
                        self.read(tree, pos, value, Way::Whole);
                    }
                    let own = Sym::Dict(Rc::new([(key.to_string(), value.clone())].into()));
                    return Sym::many([args[0].clone(), own]);
                }
                args[0].clone()
            }
            "unset" => args[0].clone(),
            "not" | "empty" | "eq" | "ne" | "kindIs" | "kindOf" | "typeOf" | "typeIs"
            | "typeIsLike" | "fail" => {
                for sym in args {
                    self.read(tree, pos, sym, Way::Tested);
                }
                Sym::Other
            }
            "len" => {
                self.read(tree, pos, &args[0], Way::Tested);
                Sym::Other
            }
            "toYaml" | "toYamlPretty" | "toJson" | "toPrettyJson" | "toRawJson" | "toToml"
            | "mustToYaml" | "mustToJson" | "mustToPrettyJson" | "mustToRawJson" | "mustToToml" => {
                self.read(tree, pos, &args[0], Way::Whole);
                Sym::Other
            }
            "int" | "int64" | "float64" | "add" | "add1" | "sub" | "mul" | "div" | "mod"
            | "max" | "min" | "floor" | "ceil" | "round" | "atoi" | "lt" | "gt" | "le" | "ge" => {
                for sym in args {
                    self.read(tree, pos, sym, Way::Number);
                }
                Sym::Other
            }
            "join" | "has" | "mustHas" | "sortAlpha" => {
                for sym in args {
                    self.read(tree, pos, sym, Way::List);
                }
                Sym::Other
            }
            _ => self.other(tree, pos, def, args),
        }
    }

    /// Functions whose result is one of their arguments, or a part or sum of them.
    fn same(&mut self, tree: &Tree, pos: u32, name: &str, args: &[Sym]) -> Sym {
        match name {
            "required" => {
                if let Some(value) = args.get(1) {
                    self.read(tree, pos, value, Way::Required);
                }
                args.get(1).cloned().unwrap_or(Sym::Other)
            }
            "ternary" => {
                if let Some(test) = args.get(2) {
                    self.read(tree, pos, test, Way::Bool);
                }
                Sym::many(args.iter().take(2).cloned())
            }
            "first" | "mustFirst" | "last" | "mustLast" => {
                self.read(tree, pos, &args[0], Way::Ranged);
                args[0].item()
            }
            "append" | "mustAppend" | "prepend" | "mustPrepend" => {
                if let Some(item) = args.get(1) {
                    return Sym::many([args[0].clone(), Sym::List([item.clone()].into())]);
                }
                args[0].clone()
            }
            "pick" | "omit" => args[0].clone(),
            _ => Sym::many(args.iter().cloned()),
        }
    }

    /// A function that reads its arguments and makes something new of them.
    fn other(&mut self, tree: &Tree, pos: u32, def: &'static Def, args: &[Sym]) -> Sym {
        for (index, sym) in args.iter().enumerate() {
            if !sym.matters() || matches!(sym, Sym::Root(_)) {
                continue;
            }
            let param = def.params.get(index.min(def.params.len().saturating_sub(1)));
            let way = match (def.name, param.map(|param| param.1)) {
                ("quote" | "squote" | "toString" | "b64enc" | "print" | "cat", _) => Way::Text,
                (_, Some(Ty::Str)) => Way::Text,
                (_, Some(Ty::Int | Ty::Int64 | Ty::Float)) => Way::Number,
                (_, Some(Ty::Bool)) => Way::Bool,
                (_, Some(Ty::List | Ty::Strings)) => Way::List,
                _ => Way::Whole,
            };
            self.read(tree, pos, sym, way);
        }
        Sym::Other
    }
}

/// What is known of a text that `printf` or `print` makes.
fn glob(function: &str, args: &[Sym]) -> Option<Sym> {
    let text = |sym: &Sym| match sym {
        Sym::Literal(text) | Sym::Glob(text) => text.to_string(),
        _ => "*".to_owned(),
    };
    if function == "print" {
        return Some(Sym::Glob(args.iter().map(text).collect::<String>().into()));
    }
    let (Sym::Literal(format), rest) = args.split_first()? else { return None };
    let mut parts = format.split("%s");
    let mut made = parts.next()?.to_owned();
    for (at, part) in parts.enumerate() {
        made.push_str(&rest.get(at).map_or_else(|| "*".to_owned(), text));
        made.push_str(part);
    }
    Some(Sym::Glob(if made.contains('%') { "*" } else { &made }.into()))
}
