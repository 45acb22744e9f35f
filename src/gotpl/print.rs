//! Nodes back to text, in the form that errors quote.

use std::fmt::{self, Display, Formatter};

use super::ast::{Chain, Command, Invocation, Operand, Pipe, Term};
use crate::golang::quote::quote;

impl Display for Pipe {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, variable) in self.decl.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(&variable.name)?;
        }
        if !self.decl.is_empty() {
            f.write_str(if self.assign { " = " } else { " := " })?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            if index > 0 {
                f.write_str(" | ")?;
            }
            command.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, arg) in self.args.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            match &arg.term {
                Term::Pipe(pipe) => write!(f, "({pipe})")?,
                _ => arg.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.term {
            Term::Dot => f.write_str("."),
            Term::Nil => f.write_str("nil"),
            Term::Bool(value) => value.fmt(f),
            Term::Number(number) => f.write_str(&number.text),
            Term::Str(literal) => f.write_str(literal.quoted()),
            Term::Field(fields) => f.write_str(fields.as_str()),
            Term::Variable(variable, fields) => {
                f.write_str(&variable.name)?;
                f.write_str(fields.as_str())
            }
            Term::Function(callee) => f.write_str(callee.def.name),
            Term::Chain(chain) => chain.fmt(f),
            // Bare: the parentheses belong to the command around it.
            Term::Pipe(pipe) => pipe.fmt(f),
        }
    }
}

impl Display for Chain {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.base.term {
            Term::Pipe(pipe) => write!(f, "({pipe})")?,
            _ => self.base.fmt(f)?,
        }
        f.write_str(self.fields.as_str())
    }
}

impl Display for Invocation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{template {}", quote(self.name.as_bytes()))?;
        if let Some(pipe) = &self.pipe {
            write!(f, " {pipe}")?;
        }
        f.write_str("}}")
    }
}
