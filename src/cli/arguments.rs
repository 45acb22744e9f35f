//! How many arguments a command takes, with the complaints that Helm prints.

use super::Failure;
use super::flags::GlobalFlags;

/// A command as its complaints name it: `show chart`, and what follows in its usage line.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    /// The words that name the command.
    pub command: &'static str,
    /// The rest of the usage line.
    pub rest: &'static str,
}

impl Usage {
    fn complain(self, global: &GlobalFlags, what: &str) -> Failure {
        let Usage { command, rest } = self;
        let name = global.persona.name();
        Failure::new(format!("\"{name} {command}\" {what}\n\nUsage:  {name} {command} {rest}"))
    }

    /// Refuses any other number of arguments than `count`.
    pub(super) fn exactly(
        self,
        global: &GlobalFlags,
        given: &[String],
        count: usize,
    ) -> Result<(), Failure> {
        if given.len() == count {
            return Ok(());
        }
        Err(self.complain(global, &format!("requires {}", plural(count))))
    }

    /// Refuses any argument.
    pub(super) fn none(self, global: &GlobalFlags, given: &[String]) -> Result<(), Failure> {
        match given {
            [] => Ok(()),
            _ => Err(self.complain(global, "accepts no arguments")),
        }
    }

    /// Refuses more arguments than `count`.
    pub(super) fn at_most(
        self,
        global: &GlobalFlags,
        given: &[String],
        count: usize,
    ) -> Result<(), Failure> {
        if given.len() <= count {
            return Ok(());
        }
        Err(self.complain(global, &format!("accepts at most {}", plural(count))))
    }

    /// Refuses fewer arguments than `count`.
    pub(super) fn at_least(
        self,
        global: &GlobalFlags,
        given: &[String],
        count: usize,
    ) -> Result<(), Failure> {
        if given.len() >= count {
            return Ok(());
        }
        Err(self.complain(global, &format!("requires at least {}", plural(count))))
    }
}

fn plural(count: usize) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} argument{ending}")
}
