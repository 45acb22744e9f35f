//! Nodes back to text, in the form that errors quote.

use std::fmt::{self, Display, Formatter};

use super::ast::{Chain, Command, File, Invocation, Operand, Pipe, Term};
use crate::golang::quote::quote;

/// A node with the file that it was parsed from; displays as errors show it.
pub(super) struct Shown<'a, T>(pub(super) &'a T, pub(super) &'a File);

impl Display for Shown<'_, Pipe> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Shown(pipe, file) = self;
        for (index, variable) in pipe.decl.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(file.name_at(variable.name))?;
        }
        if !pipe.decl.is_empty() {
            f.write_str(if pipe.assign { " = " } else { " := " })?;
        }
        for (index, command) in pipe.commands.iter().enumerate() {
            if index > 0 {
                f.write_str(" | ")?;
            }
            Shown(command, file).fmt(f)?;
        }
        Ok(())
    }
}

impl Display for Shown<'_, Command> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Shown(command, file) = self;
        for (index, arg) in command.args.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            match &arg.term {
                Term::Pipe(pipe) => write!(f, "({})", Shown(&**pipe, file))?,
                _ => Shown(arg, file).fmt(f)?,
            }
        }
        Ok(())
    }
}

impl Display for Shown<'_, Operand> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Shown(operand, file) = self;
        match &operand.term {
            Term::Dot => f.write_str("."),
            Term::Nil => f.write_str("nil"),
            Term::Bool(value) => value.fmt(f),
            Term::Number(number) => f.write_str(&number.text),
            Term::Str(literal) => {
                f.write_str(&String::from_utf8_lossy(file.bytes(literal.quoted())))
            }
            Term::Field(fields) => f.write_str(file.name_at(fields.0)),
            Term::Variable(variable, fields) => {
                f.write_str(file.name_at(variable.name))?;
                f.write_str(file.name_at(fields.0))
            }
            Term::Function(callee) => f.write_str(callee.def.name),
            Term::Chain(chain) => Shown(&**chain, file).fmt(f),
            // Bare: the parentheses belong to the command around it.
            Term::Pipe(pipe) => Shown(&**pipe, file).fmt(f),
        }
    }
}

impl Display for Shown<'_, Chain> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Shown(chain, file) = self;
        match &chain.base.term {
            Term::Pipe(pipe) => write!(f, "({})", Shown(&**pipe, file))?,
            _ => Shown(&chain.base, file).fmt(f)?,
        }
        f.write_str(file.name_at(chain.fields.0))
    }
}

impl Display for Shown<'_, Invocation> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Shown(invocation, file) = self;
        write!(f, "{{{{template {}", quote(invocation.name.as_bytes()))?;
        if let Some(pipe) = &invocation.pipe {
            write!(f, " {}", Shown(pipe, file))?;
        }
        f.write_str("}}")
    }
}
