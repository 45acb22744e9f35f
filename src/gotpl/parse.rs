//! Tokens to trees.
//!
//! Keeps Go's three tokens of look-ahead, because the line in a parse error is that of the
//! furthest token read. Resolves functions and checks variables; what Go leaves to execution
//! (assignment to a variable that was never declared) is left here, too.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use super::ast::{
    Branch, Callee, Chain, Command, Fields, File, Invocation, Node, Operand, Piece, Pipe,
    StrLiteral, Term, Tree, VarName,
};
use super::lex::{Kind, Lexer, Token};
use super::literal::{Form, Number, unquote};
use super::print::Shown;
use crate::diag::nearest::nearest;
use crate::diag::{Fault, FaultKind, Result};
use crate::golang::quote::quote;
use crate::source::line_col;
use crate::stack;

/// Deepest nesting of parenthesized expressions, as in Go.
const MAX_PARENS: u32 = 10_000;

/// Deepest nesting of `if`, `with`, `range` and `block`; Go has no limit but its stack.
const MAX_BLOCKS: u32 = 10_000;

/// Parses a text into its templates: defines and blocks in order, with the body under the name
/// of the file. The error is Go's: `template: file:line: message`.
pub(super) fn parse(name: &str, text: &Bytes) -> Result<Vec<Arc<Tree>>> {
    if u32::try_from(text.len()).is_err() {
        let message = format!("template: {name}: the text is longer than 4 GiB");
        return Err(Fault::new(FaultKind::Limit, message));
    }
    let parser = Parser {
        lexer: Lexer::new(text),
        file: Arc::new(File { name: name.to_owned(), text: text.clone() }),
        variables: Vec::new(),
        state: State::default(),
        trees: Vec::new(),
        blocks: 0,
        parts: Parts::default(),
    };
    parser.file()
}

/// What Go keeps per tree while parsing; a `define` or `block` starts afresh.
struct State {
    /// The newest token and those pushed back.
    tokens: [Token; 3],
    /// How many of them are to be read again.
    peeked: usize,
    /// Variables in scope, by number; `$` always is.
    scope: Vec<u32>,
    /// Start of the action being read; none outside.
    action: Option<u32>,
    ranges: u32,
    parens: u32,
}

impl Default for State {
    fn default() -> Self {
        State {
            tokens: [Token::NONE; 3],
            peeked: 0,
            scope: vec![0],
            action: None,
            ranges: 0,
            parens: 0,
        }
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    file: Arc<File>,
    /// Names of all variables of the file but `$`, in order of appearance.
    variables: Vec<Piece>,
    state: State,
    trees: Vec<Arc<Tree>>,
    blocks: u32,
    parts: Parts,
}

/// Parts of lists that are not finished; the end of a list takes its own from the end.
#[derive(Default)]
struct Parts {
    nodes: Vec<Node>,
    commands: Vec<Command>,
    operands: Vec<Operand>,
}

/// What one action turns out to be.
enum Step {
    Node(Node),
    Close(Close),
}

/// What closes a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Close {
    End,
    Else,
}

impl Close {
    /// As errors show it.
    fn text(self) -> &'static str {
        if self == Close::Else { "{{else}}" } else { "{{end}}" }
    }
}

impl<'t> Parser<'t> {
    fn next(&mut self) -> Token {
        if self.state.peeked > 0 {
            self.state.peeked -= 1;
        } else {
            self.state.tokens[0] = self.lexer.next();
        }
        self.state.tokens[self.state.peeked]
    }

    fn backup(&mut self) {
        self.state.peeked += 1;
    }

    /// Pushes back the newest token and one before it.
    fn backup2(&mut self, before: Token) {
        self.state.tokens[1] = before;
        self.state.peeked = 2;
    }

    /// Pushes back the newest token and two before it, the oldest first.
    fn backup3(&mut self, oldest: Token, before: Token) {
        self.state.tokens[1] = before;
        self.state.tokens[2] = oldest;
        self.state.peeked = 3;
    }

    fn peek(&mut self) -> Token {
        if self.state.peeked == 0 {
            self.state.peeked = 1;
            self.state.tokens[0] = self.lexer.next();
        }
        self.state.tokens[self.state.peeked - 1]
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token {
        let token = self.next_non_space();
        self.backup();
        token
    }

    fn line(&self, offset: u32) -> u32 {
        line_col(&self.file.text, offset as usize).line
    }

    fn fail<T>(&self, message: impl std::fmt::Display) -> Result<T> {
        let line = self.line(self.state.tokens[0].piece.start);
        let message = format!("template: {}:{line}: {message}", self.file.name);
        Err(Fault::new(FaultKind::Parse, message))
    }

    fn unexpected<T>(&self, token: Token, context: &str) -> Result<T> {
        let shown = self.lexer.show(token);
        if token.kind != Kind::Error {
            return self.fail(format_args!("unexpected {shown} in {context}"));
        }
        let mut extra = String::new();
        if let Some(action) = self.state.action {
            let line = self.line(action);
            if line != self.line(token.piece.start) {
                let verb = if shown.ends_with(" action") { "" } else { " in action" };
                extra = format!("{verb} started at {}:{line}", self.file.name);
            }
        }
        self.fail(format_args!("{shown}{extra}"))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<Token> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(token, context) }
    }

    /// Adds a tree; one with content may not replace another with content.
    fn add(&mut self, name: &str, root: Box<[Node]>) -> Result<()> {
        let tree = Tree { name: name.into(), file: Arc::clone(&self.file), root };
        match self.trees.iter_mut().find(|other| *other.name == *name) {
            None => self.trees.push(Arc::new(tree)),
            Some(other) if other.is_empty() => *other = Arc::new(tree),
            Some(_) if tree.is_empty() => {}
            Some(_) => {
                let name = quote(name.as_bytes());
                return self.fail(format_args!("template: multiple definition of template {name}"));
            }
        }
        Ok(())
    }

    /// The whole text.
    fn file(mut self) -> Result<Vec<Arc<Tree>>> {
        let mut root = Vec::new();
        while self.peek().kind != Kind::Eof {
            if self.peek().kind == Kind::LeftDelim {
                let delim = self.next();
                if self.next_non_space().kind == Kind::Define {
                    self.definition()?;
                    continue;
                }
                self.backup2(delim);
            }
            match self.text_or_action()? {
                Step::Node(node) => root.push(node),
                Step::Close(close) => {
                    return self.fail(format_args!("unexpected {}", close.text()));
                }
            }
        }
        let name = self.file.name.clone();
        self.add(&name, root.into())?;
        Ok(self.trees)
    }

    /// A template of its own: parses its list and adds it. The state of the tree around it is
    /// put back even when its list ends wrongly, because that error is the outer tree's.
    fn nested<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, State)> {
        let outer = std::mem::take(&mut self.state);
        let result = body(self)?;
        let inner = std::mem::replace(&mut self.state, outer);
        Ok((result, inner))
    }

    /// `{{ define "name" }} … {{ end }}` behind its keyword.
    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        self.nested(|parser| {
            let token = parser.next_non_space();
            let name = parser.template_name(token, CONTEXT)?;
            parser.expect(Kind::RightDelim, CONTEXT)?;
            let (root, close) = parser.list()?;
            if close != Close::End {
                return parser.fail(format_args!("unexpected {} in {CONTEXT}", close.text()));
            }
            parser.add(&name, root)
        })?;
        Ok(())
    }

    /// Statements up to `{{ end }}` or `{{ else }}`.
    fn list(&mut self) -> Result<(Box<[Node]>, Close)> {
        let first = self.parts.nodes.len();
        while self.peek_non_space().kind != Kind::Eof {
            match self.text_or_action()? {
                Step::Node(node) => self.parts.nodes.push(node),
                Step::Close(close) => {
                    return Ok((self.parts.nodes.split_off(first).into(), close));
                }
            }
        }
        self.fail("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Result<Step> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Step::Node(Node::Text(token.piece))),
            Kind::LeftDelim => {
                self.state.action = Some(token.piece.start);
                let step = self.action()?;
                self.state.action = None;
                Ok(step)
            }
            _ => self.unexpected(token, "input"),
        }
    }

    /// What stands behind a left delimiter.
    fn action(&mut self) -> Result<Step> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Block => self.block()?,
            Kind::Break => self.loop_control("{{break}}", Node::Break)?,
            Kind::Continue => self.loop_control("{{continue}}", Node::Continue)?,
            Kind::Else => {
                let next = self.peek_non_space().kind;
                // "else if" and "else with" leave their keyword to the control they belong to.
                if next != Kind::If && next != Kind::With {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Step::Close(Close::Else));
            }
            Kind::End => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Step::Close(Close::End));
            }
            Kind::If => Node::If(self.control("if", Some(Kind::If))?),
            Kind::Range => Node::Range(self.control("range", None)?),
            Kind::With => Node::With(self.control("with", Some(Kind::With))?),
            Kind::Template => self.template()?,
            _ => {
                self.backup();
                Node::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        };
        Ok(Step::Node(node))
    }

    fn loop_control(&mut self, text: &str, node: Node) -> Result<Node> {
        let token = self.next_non_space();
        if token.kind != Kind::RightDelim {
            return self.unexpected(token, text);
        }
        if self.state.ranges == 0 {
            return self.fail(format_args!("{text} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    fn enter_block(&mut self) -> Result<()> {
        self.blocks += 1;
        if self.blocks > MAX_BLOCKS || stack::is_low() {
            return self.fail("max block depth exceeded");
        }
        Ok(())
    }

    /// `if`, `with` and `range` behind their keyword; `chained` is the keyword that may follow
    /// an `else` in the same action.
    fn control(&mut self, context: &str, chained: Option<Kind>) -> Result<Box<Branch>> {
        self.enter_block()?;
        let in_scope = self.state.scope.len();
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let ranges = u32::from(context == "range");
        self.state.ranges += ranges;
        let (list, close) = self.list()?;
        self.state.ranges -= ranges;
        let mut otherwise = None;
        if close == Close::Else {
            let next = self.peek().kind;
            if Some(next) == chained {
                self.next();
                let branch = self.control(context, chained)?;
                let node = if next == Kind::If { Node::If(branch) } else { Node::With(branch) };
                otherwise = Some([node].into());
            } else {
                let (list, close) = self.list()?;
                if close != Close::End {
                    return self.fail(format_args!("expected end; found {}", close.text()));
                }
                otherwise = Some(list);
            }
        }
        self.state.scope.truncate(in_scope);
        self.blocks -= 1;
        Ok(Box::new(Branch { pipe, list, otherwise }))
    }

    /// `{{ block "name" pipeline }} … {{ end }}` behind its keyword: a definition and its use.
    fn block(&mut self) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        self.enter_block()?;
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        let ((root, close), inner) = self.nested(Self::list)?;
        if close != Close::End {
            return self.fail(format_args!("unexpected {} in {CONTEXT}", close.text()));
        }
        let outer = std::mem::replace(&mut self.state, inner);
        self.add(&name, root)?;
        self.state = outer;
        self.blocks -= 1;
        Ok(invocation(token, name, Some(pipe)))
    }

    /// `{{ template "name" pipeline }}` behind its keyword.
    fn template(&mut self) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let mut pipe = None;
        if self.next_non_space().kind != Kind::RightDelim {
            self.backup();
            pipe = Some(self.pipeline(CONTEXT, Kind::RightDelim)?);
        }
        Ok(invocation(token, name, pipe))
    }

    fn template_name(&mut self, token: Token, context: &str) -> Result<String> {
        if token.kind != Kind::String && token.kind != Kind::RawString {
            return self.unexpected(token, context);
        }
        let name = self.unquote(token)?;
        Ok(String::from_utf8_lossy(&name).into_owned())
    }

    fn unquote(&self, token: Token) -> Result<Cow<'t, [u8]>> {
        unquote(self.lexer.bytes(token)).or_else(|error| self.fail(error))
    }

    /// The name in a variable token, with its number.
    fn variable(&mut self, token: Token) -> VarName {
        let text = self.lexer.bytes(token);
        if text == b"$" {
            return VarName { id: 0, name: token.piece };
        }
        let index = self.variables.iter().position(|name| self.file.bytes(*name) == text);
        let index = index.unwrap_or_else(|| {
            self.variables.push(token.piece);
            self.variables.len() - 1
        });
        let id = u32::try_from(index + 1).unwrap_or(u32::MAX);
        VarName { id, name: token.piece }
    }

    /// Declarations and commands up to `end`.
    fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe> {
        let pos = self.peek_non_space().piece.start;
        let mut assign = false;
        let mut decl = Vec::new();
        loop {
            let token = self.peek_non_space();
            if token.kind != Kind::Variable {
                break;
            }
            self.next();
            // A blank is a token, so "$x foo" is told from "$x := foo" at the third one.
            let after = self.peek();
            let next = self.peek_non_space();
            if matches!(next.kind, Kind::Assign | Kind::Declare) {
                assign = next.kind == Kind::Assign;
                self.next_non_space();
                self.declare(token, &mut decl);
            } else if next.kind == Kind::Char && self.lexer.bytes(next) == b"," {
                self.next_non_space();
                self.declare(token, &mut decl);
                if context == "range" && decl.len() < 2 {
                    match self.peek_non_space().kind {
                        Kind::Variable | Kind::RightDelim | Kind::RightParen => continue,
                        _ => return self.fail("range can only initialize variables"),
                    }
                }
                return self.fail(format_args!("too many declarations in {context}"));
            } else if after.kind == Kind::Space {
                self.backup3(token, after);
            } else {
                self.backup2(token);
            }
            break;
        }
        let first = self.parts.commands.len();
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.backup();
                    let command = self.command()?;
                    self.parts.commands.push(command);
                }
                _ => return self.unexpected(token, context),
            }
        }
        let commands: Box<[Command]> = self.parts.commands.split_off(first).into();
        self.check_pipeline(&commands, context)?;
        Ok(Pipe { pos, assign, decl: decl.into(), commands })
    }

    fn declare(&mut self, token: Token, decl: &mut Vec<VarName>) {
        let variable = self.variable(token);
        self.state.scope.push(variable.id);
        decl.push(variable);
    }

    fn check_pipeline(&self, commands: &[Command], context: &str) -> Result<()> {
        if commands.is_empty() {
            return self.fail(format_args!("missing value for {context}"));
        }
        for (index, command) in commands.iter().enumerate().skip(1) {
            if matches!(
                command.args[0].term,
                Term::Bool(_) | Term::Dot | Term::Nil | Term::Number(_) | Term::Str(_)
            ) {
                let stage = index + 1;
                return self.fail(format_args!("non executable command in pipeline stage {stage}"));
            }
        }
        Ok(())
    }

    /// Operands up to a pipe or the end of the pipeline.
    fn command(&mut self) -> Result<Command> {
        let pos = self.peek_non_space().piece.start;
        let first = self.parts.operands.len();
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                self.parts.operands.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.backup(),
                Kind::Pipe => {}
                _ => return self.unexpected(token, "operand"),
            }
            break;
        }
        if self.parts.operands.len() == first {
            return self.fail("empty command");
        }
        Ok(Command { pos, args: self.parts.operands.split_off(first).into() })
    }

    /// A term and the fields behind it.
    fn operand(&mut self) -> Result<Option<Operand>> {
        let Some(operand) = self.term()? else { return Ok(None) };
        let first = self.peek();
        if first.kind != Kind::Field {
            return Ok(Some(operand));
        }
        let mut last = first;
        while self.peek().kind == Kind::Field {
            last = self.next();
        }
        let fields = fields(first, last);
        let term = match operand.term {
            Term::Variable(variable, _) => Term::Variable(variable, fields),
            Term::Bool(_) | Term::Str(_) | Term::Number(_) | Term::Nil | Term::Dot => {
                let shown = quote(Shown(&operand, &self.file).to_string().as_bytes());
                return self.fail(format_args!("unexpected . after term {shown}"));
            }
            _ => Term::Chain(Box::new(Chain { base: operand, fields })),
        };
        Ok(Some(Operand { pos: first.piece.start, term }))
    }

    fn term(&mut self) -> Result<Option<Operand>> {
        let token = self.next_non_space();
        let bytes = self.lexer.bytes(token);
        let term = match token.kind {
            Kind::Identifier => {
                let name = self.file.name_at(token.piece);
                let Some(callee) = Callee::lookup(name) else {
                    let message = format!("function {} not defined", quote(bytes));
                    let known = crate::funcs::all().map(|def| def.name);
                    return self.fail(message).map_err(|fault| meant(fault, name, known));
                };
                Term::Function(callee)
            }
            Kind::Dot => Term::Dot,
            Kind::Nil => Term::Nil,
            Kind::Variable => {
                let variable = self.variable(token);
                if !self.state.scope.contains(&variable.id) {
                    let name = quote(bytes);
                    return self.fail(format_args!("undefined variable {name}"));
                }
                Term::Variable(variable, Fields::default())
            }
            Kind::Field => {
                let mut pos = token.piece.start;
                let mut last = token;
                while self.peek().kind == Kind::Field {
                    let is_second = last.piece.start == token.piece.start;
                    last = self.next();
                    if is_second {
                        pos = last.piece.start;
                    }
                }
                let term = Term::Field(fields(token, last));
                return Ok(Some(Operand { pos, term }));
            }
            Kind::Bool => Term::Bool(bytes == b"true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => {
                let form = match token.kind {
                    Kind::CharConstant => Form::Char,
                    Kind::Complex => Form::Complex,
                    _ => Form::Plain,
                };
                match Number::parse(bytes, form) {
                    Ok(number) => Term::Number(Box::new(number)),
                    Err(error) => return self.fail(error),
                }
            }
            Kind::LeftParen => {
                if self.state.parens >= MAX_PARENS || stack::is_low() {
                    return self.fail("max expression depth exceeded");
                }
                self.state.parens += 1;
                let pipe = self.pipeline("parenthesized pipeline", Kind::RightParen)?;
                self.state.parens -= 1;
                let pos = pipe.pos;
                return Ok(Some(Operand { pos, term: Term::Pipe(Box::new(pipe)) }));
            }
            Kind::String | Kind::RawString => {
                Term::Str(StrLiteral::new(token.piece, self.unquote(token)?))
            }
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        Ok(Some(Operand { pos: token.piece.start, term }))
    }
}

/// The fields from one token to another, which stand side by side.
fn fields(first: Token, last: Token) -> Fields {
    Fields(Piece { start: first.piece.start, end: last.piece.end })
}

/// Adds the name that was probably meant.
pub(super) fn meant<'k>(
    fault: Fault,
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Fault {
    match nearest(name, known) {
        Some(near) => fault.hint(format!("did you mean {}?", quote(near.as_bytes()))),
        None => fault,
    }
}

fn invocation(token: Token, name: String, pipe: Option<Pipe>) -> Node {
    Node::Template(Box::new(Invocation { pos: token.piece.start, name: name.into(), pipe }))
}
