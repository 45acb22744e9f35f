//! The tree of a parsed template.
//!
//! Nodes hold what the evaluator needs ready to use: functions as `&'static Def`, variables as
//! numbers, literals decoded. Names and texts are pieces of the file, so that a large chart takes
//! little memory. A node keeps its byte offset; line and column are worked out when an error asks
//! for them. Trees are `Send + Sync` and shared between renders.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use super::literal::Number;
use super::watch::is_forgiving;
use crate::funcs::Def;
use crate::source::line_col;

/// A text that templates were parsed from.
#[derive(Debug)]
pub(super) struct File {
    /// Name in errors: the path of the template, or `gotpl` for a text given to `tpl`.
    pub(super) name: String,
    /// Its bytes; names and texts in trees are pieces of them.
    pub(super) text: Bytes,
}

/// A stretch of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Piece {
    /// First byte.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
}

impl File {
    /// The bytes of a piece.
    pub(super) fn bytes(&self, piece: Piece) -> &[u8] {
        &self.text[piece.start as usize..piece.end as usize]
    }

    /// The text of a piece that the lexer took for a name, which is always UTF-8.
    pub(super) fn name_at(&self, piece: Piece) -> &str {
        std::str::from_utf8(self.bytes(piece)).unwrap_or_default()
    }

    /// A byte offset as errors show it: `file:line:column`.
    pub(super) fn place(&self, offset: u32) -> (u32, u32) {
        let at = line_col(&self.text, offset as usize);
        (at.line, at.col)
    }
}

/// One named template: the body of a file, or a `define` or `block` in it.
#[derive(Debug)]
pub(super) struct Tree {
    /// Its name.
    pub(super) name: Box<str>,
    /// Where it was parsed from.
    pub(super) file: Arc<File>,
    /// Its nodes.
    pub(super) root: Box<[Node]>,
}

impl Tree {
    /// Whether it holds nothing but blanks, so that it must not replace another of its name.
    pub(super) fn is_empty(&self) -> bool {
        self.root.iter().all(|node| match node {
            Node::Text(piece) => {
                let text = std::str::from_utf8(self.file.bytes(*piece));
                text.is_ok_and(|text| text.trim().is_empty())
            }
            _ => false,
        })
    }
}

/// A statement.
#[derive(Debug)]
pub(super) enum Node {
    /// Literal text.
    Text(Piece),
    /// `{{ pipeline }}`
    Action(Pipe),
    /// `{{ if }}`
    If(Box<Branch>),
    /// `{{ with }}`
    With(Box<Branch>),
    /// `{{ range }}`
    Range(Box<Branch>),
    /// `{{ template }}`, and what is left of a `{{ block }}`
    Template(Box<Invocation>),
    /// `{{ break }}`
    Break,
    /// `{{ continue }}`
    Continue,
}

/// The parts of `if`, `with` and `range`.
#[derive(Debug)]
pub(super) struct Branch {
    /// What is tested or iterated.
    pub(super) pipe: Pipe,
    /// Executed when it is not empty.
    pub(super) list: Box<[Node]>,
    /// Executed when it is empty.
    pub(super) otherwise: Option<Box<[Node]>>,
}

/// `{{ template "name" pipeline }}`
#[derive(Debug)]
pub(super) struct Invocation {
    /// Offset of the name.
    pub(super) pos: u32,
    /// The template.
    pub(super) name: Box<str>,
    /// Its dot.
    pub(super) pipe: Option<Pipe>,
}

/// A pipeline.
#[derive(Debug)]
pub(super) struct Pipe {
    /// Offset of its first token.
    pub(super) pos: u32,
    /// Whether the variables are assigned rather than declared.
    pub(super) assign: bool,
    /// Variables that take its value.
    pub(super) decl: Box<[VarName]>,
    /// Its stages.
    pub(super) commands: Box<[Command]>,
}

/// A variable's name: its number among the variables of the file, and its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct VarName {
    /// Number; 0 is `$`.
    pub(super) id: u32,
    /// Text, with the dollar sign.
    pub(super) name: Piece,
}

/// One stage of a pipeline: a function, field or value and its arguments.
#[derive(Debug)]
pub(super) struct Command {
    /// Offset of its first token.
    pub(super) pos: u32,
    /// Operands; never empty.
    pub(super) args: Box<[Operand]>,
}

impl Command {
    /// Whether it calls a function that is meant for values that may be absent.
    pub(super) fn is_forgiving(&self) -> bool {
        matches!(&self.args[0].term, Term::Function(callee) if is_forgiving(callee.def.name))
    }
}

/// An operand and the offset that errors give for it.
#[derive(Debug)]
pub(super) struct Operand {
    /// Offset. For `.a.b.c` that of `.b`, as Go has it.
    pub(super) pos: u32,
    /// What it is.
    pub(super) term: Term,
}

/// What an operand can be.
#[derive(Debug)]
pub(super) enum Term {
    /// `.`
    Dot,
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// A number or character.
    Number(Box<Number>),
    /// A string.
    Str(StrLiteral),
    /// `.a.b`
    Field(Fields),
    /// `$x.a.b`
    Variable(VarName, Fields),
    /// A function.
    Function(Callee),
    /// `(pipeline).a.b` or `function.a.b`
    Chain(Box<Chain>),
    /// `(pipeline)`
    Pipe(Box<Pipe>),
}

/// Fields that are followed one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields(
    /// As written, each behind its dot; names have no dots.
    pub(super) Piece,
);

impl Fields {
    /// Whether there are none.
    pub(super) fn is_empty(self) -> bool {
        self.0.start == self.0.end
    }

    /// Their names.
    pub(super) fn names(self, file: &File) -> impl Iterator<Item = &str> {
        file.name_at(self.0).split('.').skip(1)
    }
}

/// A string literal.
#[derive(Debug)]
pub(super) enum StrLiteral {
    /// Means just what stands between its quotes.
    Plain(Piece),
    /// Means something else.
    Escaped(Box<Escaped>),
}

/// A string literal with escapes.
#[derive(Debug)]
pub(super) struct Escaped {
    /// As written, quotes included.
    quoted: Piece,
    /// What it means.
    meaning: Box<[u8]>,
}

impl StrLiteral {
    /// A literal from its place in the file, quotes included, and its meaning, which is borrowed
    /// when it is just what stands between the quotes.
    pub(super) fn new(quoted: Piece, meaning: Cow<'_, [u8]>) -> Self {
        match meaning {
            Cow::Borrowed(_) => StrLiteral::Plain(quoted),
            Cow::Owned(meaning) => {
                StrLiteral::Escaped(Box::new(Escaped { quoted, meaning: meaning.into() }))
            }
        }
    }

    /// As written, quotes included.
    pub(super) fn quoted(&self) -> Piece {
        match self {
            StrLiteral::Plain(quoted) => *quoted,
            StrLiteral::Escaped(escaped) => escaped.quoted,
        }
    }

    /// Its bytes.
    pub(super) fn bytes<'f>(&'f self, file: &'f File) -> &'f [u8] {
        match self {
            StrLiteral::Plain(Piece { start, end }) => {
                file.bytes(Piece { start: start + 1, end: end - 1 })
            }
            StrLiteral::Escaped(escaped) => &escaped.meaning,
        }
    }
}

/// Fields of something that is neither dot nor a variable.
#[derive(Debug)]
pub(super) struct Chain {
    /// What has the fields.
    pub(super) base: Operand,
    /// The fields.
    pub(super) fields: Fields,
}

/// A function found at parse time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Callee {
    /// The function.
    pub(super) def: &'static Def,
    /// How it is called.
    pub(super) form: CallForm,
}

/// Functions that the evaluator treats apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallForm {
    /// All arguments are evaluated, then the function is called.
    Plain,
    /// `and`: evaluation stops at the first false argument.
    And,
    /// `or`: evaluation stops at the first true argument.
    Or,
    /// `call`: the error names the node that should have been a function.
    Call,
    /// `len`: the error tells a nil in an interface from no value at all.
    Len,
}

impl Callee {
    /// A function by name.
    pub(super) fn lookup(name: &str) -> Option<Callee> {
        let def = crate::funcs::lookup(name)?;
        let form = match name {
            "and" => CallForm::And,
            "or" => CallForm::Or,
            "call" => CallForm::Call,
            "len" => CallForm::Len,
            _ => CallForm::Plain,
        };
        Some(Callee { def, form })
    }
}
