//! Executes a tree: statements, pipelines, variables.
//!
//! Values keep one fact that Go's reflection has and [`Value`] does not: where they were found.
//! Field errors, nil rules and the printing of structs depend on it.

use super::ast::{
    Branch, CallForm, Callee, Command, Invocation, Node, Operand, Pipe, Term, Tree, VarName,
};
use super::literal::Ideal;
use super::output::NO_VALUE;
use super::parse::meant;
use super::print::Shown;
use super::render::Renderer;
use super::watch;
use crate::diag::{Fault, FaultKind, Frame, Result};
use crate::golang::quote::quote;
use crate::stack;
use crate::value::{ListType, MapType, Str, Value, print};

/// Nesting of `template` that Go allows.
const MAX_DEPTH: u32 = 100_000;

/// Where a value was found, as far as it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere in particular; a nil found here is no value at all.
    #[default]
    Plain,
    /// In an `interface {}`, as map elements are until a pipeline has passed them on.
    Boxed,
    /// In a struct behind a pointer, so that Go finds the methods of its address.
    Addressable,
}

impl Place {
    /// Where elements of a container are whose element type is, or is not, `interface {}`.
    pub(super) fn element(boxed: bool) -> Self {
        if boxed { Place::Boxed } else { Place::Plain }
    }
}

/// A value as the evaluator passes it around.
#[derive(Clone, Debug, Default)]
pub(super) struct Val {
    /// The value.
    pub(super) value: Value,
    /// Where it was found.
    pub(super) place: Place,
}

impl From<Value> for Val {
    fn from(value: Value) -> Self {
        Val { value, place: Place::Plain }
    }
}

impl Val {
    /// Go's name of its static type.
    pub(super) fn type_name(&self) -> &'static str {
        if self.place == Place::Boxed { "interface {}" } else { self.value.type_name() }
    }
}

/// A variable in scope.
#[derive(Debug)]
pub(super) struct Variable {
    id: u32,
    val: Val,
}

/// The node that an error is about.
#[derive(Clone, Copy)]
pub(super) enum At<'t> {
    /// None yet.
    Start,
    Pipe(&'t Pipe),
    Command(&'t Command),
    Operand(&'t Operand),
    Template(&'t Invocation),
}

/// One execution of a template.
pub(super) struct Call<'t> {
    pub(super) tree: &'t Tree,
    /// The last node looked at, which is the one that errors name.
    pub(super) at: At<'t>,
    /// Where its variables start.
    base: usize,
    /// How many `template` actions lead here.
    depth: u32,
}

impl Call<'_> {
    /// The place of the current node, as a step of an error's way.
    #[cold]
    pub(super) fn frame(&self, what: String) -> Frame {
        let file = &*self.tree.file;
        let (pos, node) = match self.at {
            At::Start => (0, String::new()),
            At::Pipe(pipe) => (pipe.pos, Shown(pipe, file).to_string()),
            At::Command(command) => (command.pos, Shown(command, file).to_string()),
            At::Operand(operand) => (operand.pos, Shown(operand, file).to_string()),
            At::Template(invocation) => (invocation.pos, Shown(invocation, file).to_string()),
        };
        let (line, col) = file.place(pos);
        let file = file.name.clone();
        Frame::Exec { file, line, col, executing: self.tree.name.to_string(), node, what }
    }

    /// An error of the engine itself at the current node.
    #[cold]
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::engine(message).frame(self.frame(String::new()))
    }

    /// Another module's error, with the place of the current node.
    #[cold]
    pub(super) fn placed(&self, fault: Fault) -> Fault {
        fault.frame(self.frame(String::new()))
    }

    /// A limit reached at the current node.
    #[cold]
    pub(super) fn limit(&self, message: &str) -> Fault {
        Fault::engine(message).with_kind(FaultKind::Limit).frame(self.frame(String::new()))
    }
}

/// How a list ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

impl Renderer<'_> {
    /// Executes a template with nothing in scope but its dot.
    pub(super) fn walk_tree(&mut self, tree: &Tree, dot: &Val, depth: u32) -> Result<()> {
        self.depth += 1;
        if self.depth > self.options.max_depth {
            let limit = self.options.max_depth;
            let message = format!("templates are nested more than {limit} deep (--limit-depth)");
            return Err(Fault::new(FaultKind::Limit, message));
        }
        let base = self.variables.len();
        if let Some(cover) = &mut self.cover {
            cover.enter(tree);
        }
        self.variables.push(Variable { id: 0, val: dot.clone() });
        let mut call = Call { tree, at: At::Start, base, depth };
        self.walk(&mut call, dot, &tree.root)?;
        self.variables.truncate(base);
        self.depth -= 1;
        Ok(())
    }

    fn walk<'t>(&mut self, call: &mut Call<'t>, dot: &Val, list: &'t [Node]) -> Result<Flow> {
        for node in list {
            if let Some(cover) = &mut self.cover {
                cover.reach(&call.tree.file, node);
            }
            let flow = match node {
                Node::Text(piece) => {
                    let text = call.tree.file.bytes(*piece);
                    if let Some(trace) = &mut self.trace {
                        trace.literal(&call.tree.file, piece.start, self.out.mark());
                    }
                    self.out.write(text).map_err(|fault| call.placed(fault))?;
                    continue;
                }
                Node::Action(pipe) => {
                    let reads = self.reads();
                    let val = self.pipeline(call, dot, pipe)?;
                    if pipe.decl.is_empty() {
                        let start = self.out.mark();
                        if self.watch.is_some() {
                            call.at = At::Pipe(pipe);
                            self.watch_printed(call, &val.value);
                        }
                        self.print(&val).map_err(|fault| call.placed(fault))?;
                        self.note_print(&call.tree.file, pipe.pos, start, reads, &val.value);
                    } else {
                        self.forget_reads(reads);
                    }
                    continue;
                }
                Node::If(branch) => self.condition(call, dot, branch, false)?,
                Node::With(branch) => self.condition(call, dot, branch, true)?,
                Node::Range(branch) => self.range(call, dot, branch)?,
                Node::Template(invocation) => {
                    self.invoke(call, dot, invocation)?;
                    continue;
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, val: &Val) -> Result<()> {
        match &val.value {
            Value::Nil => self.out.write(NO_VALUE),
            Value::Str(text) => self.out.write(text.as_bytes()),
            other => {
                let addressable = val.place == Place::Addressable;
                self.out.write(print::sprint_action(other, addressable)?.as_bytes())
            }
        }
    }

    /// Notes what printing a value reads.
    #[cold]
    fn watch_printed(&mut self, call: &Call<'_>, value: &Value) {
        let Some(watch) = &mut self.watch else { return };
        watch.whole(value);
        if let Value::Float(number) = value
            && let Some((number, shown)) = watch::exponent(*number, print::sprint(value).as_bytes())
        {
            watch.exponent(number, shown, call.frame(String::new()));
        }
    }

    /// A pipeline whose value may as well be absent: keys missing in it are not noted.
    fn lenient<'t>(&mut self, call: &mut Call<'t>, dot: &Val, pipe: &'t Pipe) -> Result<Val> {
        let mark = self.watch.as_ref().map(|watch| watch.mark());
        let val = self.pipeline(call, dot, pipe)?;
        self.forgive(mark);
        Ok(val)
    }

    fn forgive(&mut self, mark: Option<usize>) {
        if let (Some(watch), Some(mark)) = (&mut self.watch, mark) {
            watch.forgive(mark);
        }
    }

    fn condition<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        branch: &'t Branch,
        with: bool,
    ) -> Result<Flow> {
        let mark = self.variables.len();
        let reads = self.reads();
        let val = self.lenient(call, dot, &branch.pipe)?;
        let outer = self.swap_dot(reads, with && val.value.truth());
        self.note_fork(call, branch, val.value.truth());
        let flow = if val.value.truth() {
            self.walk(call, if with { &val } else { dot }, &branch.list)?
        } else if let Some(list) = &branch.otherwise {
            self.walk(call, dot, list)?
        } else {
            Flow::Next
        };
        self.restore_dot(outer);
        self.variables.truncate(mark);
        Ok(flow)
    }

    /// Notes which way a fork goes, where somebody counts.
    fn note_fork(&mut self, call: &Call<'_>, branch: &Branch, holds: bool) {
        if let Some(cover) = &mut self.cover {
            cover.fork(&call.tree.file, branch, holds);
        }
    }

    fn range<'t>(&mut self, call: &mut Call<'t>, dot: &Val, branch: &'t Branch) -> Result<Flow> {
        let mark = self.variables.len();
        let reads = self.reads();
        let val = self.lenient(call, dot, &branch.pipe)?.value;
        self.begin_loop(&val, reads);
        let outer = self.swap_dot(reads, false);
        let turns = self.iterate(call, branch, &val)?;
        self.restore_dot(outer);
        self.end_loop();
        let flow = match turns {
            Some(flow) => flow,
            None => {
                self.note_fork(call, branch, false);
                match &branch.otherwise {
                    Some(list) => self.walk(call, dot, list)?,
                    None => Flow::Next,
                }
            }
        };
        self.variables.truncate(mark);
        // A break counts for this range even in its else branch, a continue there does not.
        Ok(if flow == Flow::Break { Flow::Next } else { flow })
    }

    /// Executes the body for each element; none when there are no elements.
    fn iterate<'t>(
        &mut self,
        call: &mut Call<'t>,
        branch: &'t Branch,
        val: &Value,
    ) -> Result<Option<Flow>> {
        match val {
            Value::Nil => Ok(None),
            Value::Int(count, ty) => {
                if branch.pipe.decl.len() > 1 {
                    let shown = print::sprint(val);
                    return Err(call.fault(format!(
                        "can't use {shown} to iterate over more than one variable"
                    )));
                }
                let items = (0..*count).map(|n| (Value::Nil, Value::Int(n, *ty)));
                self.each(call, branch, Place::Plain, items)
            }
            Value::List(list) => {
                let place = Place::element(list.ty() == ListType::Interface);
                let items = list.items().iter().cloned();
                self.each(call, branch, place, (0..).map(Value::int).zip(items))
            }
            Value::Bytes(bytes) => {
                let items = bytes.as_bytes().iter();
                let items = items.map(|&b| Value::Int(i64::from(b), crate::value::IntType::Uint8));
                self.each(call, branch, Place::Plain, (0..).map(Value::int).zip(items))
            }
            Value::Map(map) => {
                let place = Place::element(map.ty() != MapType::String);
                if let Some(watch) = &mut self.watch {
                    watch.members(map);
                }
                let items = map.entries().into_iter();
                let items = items.map(|(key, slot)| (Value::Str(key), slot.value));
                self.each(call, branch, place, items)
            }
            other => {
                // A named whole number (a duration) counts in its own type.
                if let Value::Object(object) = other
                    && let (Value::Int(count, _), true) =
                        (object.to_json(), object.counted(0).is_some())
                {
                    if branch.pipe.decl.len() > 1 {
                        return Err(call.fault(format!(
                            "can't use {} to iterate over more than one variable",
                            print::sprint(other)
                        )));
                    }
                    let items = (0..count).map_while(|n| Some((Value::Nil, object.counted(n)?)));
                    return self.each(call, branch, Place::Plain, items);
                }
                if let Value::Object(object) = other
                    && let Some(items) = object.entries()
                {
                    return self.each(call, branch, Place::Plain, items.into_iter());
                }
                Err(call.fault(format!("range can't iterate over {}", print::sprint(other))))
            }
        }
    }

    fn each<'t>(
        &mut self,
        call: &mut Call<'t>,
        branch: &'t Branch,
        place: Place,
        items: impl Iterator<Item = (Value, Value)>,
    ) -> Result<Option<Flow>> {
        let pipe = &branch.pipe;
        let mark = self.variables.len();
        let mut any = false;
        for (turn, (index, element)) in items.enumerate() {
            if !any {
                self.note_fork(call, branch, true);
            }
            any = true;
            if !self.step() {
                return Err(self.endless(call));
            }
            let element = Val { value: element, place };
            let declared = !pipe.decl.is_empty() && !pipe.assign;
            self.turn(turn, &element.value, declared.then(|| mark - 1));
            match &*pipe.decl {
                [] => {}
                [only] if pipe.assign => self.assign(call, *only, element.clone())?,
                [key, value] if pipe.assign => {
                    self.assign(call, *key, index.into())?;
                    self.assign(call, *value, element.clone())?;
                }
                [_] => self.variables[mark - 1].val = element.clone(),
                [..] => {
                    self.variables[mark - 1].val = element.clone();
                    self.variables[mark - 2].val = index.into();
                }
            }
            let flow = self.walk(call, &element, &branch.list)?;
            self.variables.truncate(mark);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(any.then_some(Flow::Next))
    }

    fn invoke<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        invocation: &'t Invocation,
    ) -> Result<()> {
        call.at = At::Template(invocation);
        let Some(tree) = self.templates.get(&invocation.name) else {
            let name = quote(invocation.name.as_bytes());
            let fault = call.fault(format!("template {name} not defined"));
            return Err(meant(fault, &invocation.name, self.templates.names()));
        };
        if call.depth == MAX_DEPTH {
            return Err(call.fault(format!("exceeded maximum template depth ({MAX_DEPTH})")));
        }
        if stack::is_low() {
            return Err(call.limit("templates are nested too deeply"));
        }
        if !self.step() {
            return Err(self.endless(call));
        }
        let reads = self.reads();
        let dot = match &invocation.pipe {
            Some(pipe) => self.pipeline(call, dot, pipe)?,
            None => Val::default(),
        };
        let outer = self.swap_dot(reads, true);
        self.walk_tree(&tree, &dot, call.depth + 1)?;
        self.restore_dot(outer);
        Ok(())
    }

    /// The value of a pipeline; its variables stay until the list around it ends.
    pub(super) fn pipeline<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        pipe: &'t Pipe,
    ) -> Result<Val> {
        call.at = At::Pipe(pipe);
        if !self.step() {
            return Err(self.endless(call));
        }
        let outer = self.begin_pipe();
        let mark = self.watch.as_ref().map(|watch| watch.mark());
        let mut last = None;
        for command in &pipe.commands {
            let mut val = self.command(call, dot, command, last.take())?;
            if mark.is_some() && command.is_forgiving() {
                self.forgive(mark);
            }
            if val.place == Place::Boxed {
                val.place = Place::Plain;
            }
            last = Some(val);
        }
        let val = last.unwrap_or_default();
        if !pipe.decl.is_empty() {
            self.forgive(mark);
        }
        for variable in &pipe.decl {
            if pipe.assign {
                self.assign(call, *variable, val.clone())?;
            } else {
                self.note_variable(self.variables.len());
                self.variables.push(Variable { id: variable.id, val: val.clone() });
            }
        }
        self.end_pipe(outer);
        Ok(val)
    }

    #[cold]
    fn endless(&self, call: &Call<'_>) -> Fault {
        let limit = self.options.max_steps;
        call.limit(&format!("rendering takes more than {limit} steps (--limit-steps)"))
    }

    fn assign(&mut self, call: &Call<'_>, name: VarName, val: Val) -> Result<()> {
        let scope = &self.variables[call.base..];
        match scope.iter().rposition(|variable| variable.id == name.id) {
            Some(at) => {
                self.note_variable(call.base + at);
                self.variables[call.base + at].val = val;
                Ok(())
            }
            None => Err(undefined(call, name)),
        }
    }

    /// One stage of a pipeline; `last` is the value of the stage before it.
    fn command<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        command: &'t Command,
        last: Option<Val>,
    ) -> Result<Val> {
        let first = &command.args[0];
        let rest = &command.args[1..];
        match &first.term {
            Term::Function(callee) => {
                call.at = At::Operand(first);
                self.function(call, dot, *callee, At::Command(command), rest, last)
            }
            Term::Pipe(pipe) => {
                not_a_function(call, first, rest, last.as_ref())?;
                self.pipeline(call, dot, pipe)
            }
            Term::Field(_) | Term::Chain(_) | Term::Variable(..) => {
                self.operand(call, dot, first, rest, last)
            }
            Term::Dot | Term::Nil | Term::Bool(_) | Term::Number(_) | Term::Str(_) => {
                call.at = At::Operand(first);
                not_a_function(call, first, rest, last.as_ref())?;
                match &first.term {
                    Term::Dot => {
                        self.read_dot(&dot.value);
                        Ok(dot.clone())
                    }
                    Term::Nil => Err(call.fault("nil is not a command")),
                    _ => constant(call, first).map(Val::from),
                }
            }
        }
    }

    /// The value of an operand that is not a literal. The arguments, if any, go to its last
    /// field.
    pub(super) fn operand<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        operand: &'t Operand,
        args: &'t [Operand],
        last: Option<Val>,
    ) -> Result<Val> {
        call.at = At::Operand(operand);
        match &operand.term {
            Term::Dot => {
                self.read_dot(&dot.value);
                Ok(dot.clone())
            }
            Term::Field(names) => self.fields(call, dot, dot, operand, *names, args, last),
            Term::Variable(variable, names) => {
                let scope = &self.variables[call.base..];
                let found = scope.iter().rposition(|other| other.id == variable.id);
                let Some(found) = found else {
                    return Err(undefined(call, *variable));
                };
                let val = scope[found].val.clone();
                if names.is_empty() {
                    not_a_function(call, operand, args, last.as_ref())?;
                    self.read_variable(call.base + found, &val.value);
                    return Ok(val);
                }
                self.fields(call, dot, &val, operand, *names, args, last)
            }
            Term::Function(callee) => {
                self.function(call, dot, *callee, At::Operand(operand), &[], None)
            }
            Term::Pipe(pipe) => self.pipeline(call, dot, pipe),
            Term::Chain(chain) => {
                let reads = self.reads();
                let base = self.operand(call, dot, &chain.base, &[], None)?;
                self.forget_reads(reads);
                self.fields(call, dot, &base, operand, chain.fields, args, last)
            }
            Term::Nil | Term::Bool(_) | Term::Number(_) | Term::Str(_) => {
                constant(call, operand).map(Val::from)
            }
        }
    }

    /// Calls a function with operands and the value of the stage before it. `node` is what an
    /// error of the function itself names.
    fn function<'t>(
        &mut self,
        call: &mut Call<'t>,
        dot: &Val,
        callee: Callee,
        node: At<'t>,
        args: &'t [Operand],
        last: Option<Val>,
    ) -> Result<Val> {
        match callee.form {
            CallForm::Plain => self.call_def(call, dot, callee.def, node, args, last),
            CallForm::And => self.short_circuit(call, dot, callee.def, false, args, last),
            CallForm::Or => self.short_circuit(call, dot, callee.def, true, args, last),
            CallForm::Call => self.call_value(call, dot, callee.def, node, args, last),
            CallForm::Len => self.call_len(call, dot, callee.def, node, args, last),
        }
    }
}

/// A variable that was never declared.
#[cold]
fn undefined(call: &Call<'_>, variable: VarName) -> Fault {
    let name = call.tree.file.name_at(variable.name);
    call.fault(format!("undefined variable: {name}"))
}

/// Refuses arguments to something that takes none.
fn not_a_function(
    call: &Call<'_>,
    operand: &Operand,
    args: &[Operand],
    last: Option<&Val>,
) -> Result<()> {
    if !args.is_empty() || last.is_some() {
        let shown = Shown(operand, &call.tree.file);
        return Err(call.fault(format!("can't give argument to non-function {shown}")));
    }
    Ok(())
}

/// The value of a literal where any type will do.
pub(super) fn constant(call: &Call<'_>, operand: &Operand) -> Result<Value> {
    match &operand.term {
        Term::Bool(value) => Ok(Value::Bool(*value)),
        Term::Str(literal) => Ok(Value::Str(Str::from(literal.bytes(&call.tree.file)))),
        Term::Number(number) => match number.ideal {
            Ideal::Int(value) => Ok(Value::int(value)),
            Ideal::Float(value) => Ok(Value::Float(value)),
            Ideal::Complex(re, im) => Ok(Value::Complex(re, im)),
            Ideal::Overflow => Err(call.fault(format!("{} overflows int", number.text))),
        },
        _ => Ok(Value::Nil),
    }
}
