//! Stepping through what differs: somebody sees it and says what becomes of it.

/// What somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Store what there is now.
    Accept,
    /// It is wrong: the chart is to be mended.
    Reject,
    /// Not now.
    Skip,
    /// Store this and everything behind it.
    AcceptAll,
    /// Nothing more.
    Quit,
}

/// The question, with the keys.
pub const QUESTION: &str = "[a]ccept, [r]eject, [s]kip, accept [A]ll, [q]uit? ";

impl Answer {
    /// An answer as it is typed; none for what means nothing.
    pub fn parse(text: &str) -> Option<Answer> {
        match text.trim() {
            "a" | "accept" | "y" | "yes" => Some(Answer::Accept),
            "r" | "reject" | "n" | "no" => Some(Answer::Reject),
            "s" | "skip" => Some(Answer::Skip),
            "A" | "all" => Some(Answer::AcceptAll),
            "q" | "quit" => Some(Answer::Quit),
            _ => None,
        }
    }
}

/// What becomes of one difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is stored.
    Accepted,
    /// It is refused.
    Rejected,
    /// Nobody said.
    Skipped,
}

/// Answers that count for everything behind them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reviewer {
    standing: Option<Decision>,
}

impl Reviewer {
    /// What becomes of a difference. `ask` shows it, asks [`QUESTION`] and gives what was typed;
    /// none at the end of the input, which ends the review. It is asked again until there is an
    /// answer, and not at all once one counts for the rest.
    ///
    /// # Errors
    /// Those of `ask`.
    pub fn decide<E>(
        &mut self,
        ask: &mut dyn FnMut() -> Result<Option<String>, E>,
    ) -> Result<Decision, E> {
        if let Some(decision) = self.standing {
            return Ok(decision);
        }
        loop {
            let answer = match ask()? {
                Some(text) => Answer::parse(&text),
                None => Some(Answer::Quit),
            };
            match answer {
                Some(Answer::Accept) => return Ok(Decision::Accepted),
                Some(Answer::Reject) => return Ok(Decision::Rejected),
                Some(Answer::Skip) => return Ok(Decision::Skipped),
                Some(Answer::AcceptAll) => self.standing = Some(Decision::Accepted),
                Some(Answer::Quit) => self.standing = Some(Decision::Skipped),
                None => {}
            }
            if let Some(decision) = self.standing {
                return Ok(decision);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let mut typed = vec!["q", "A\n", "s", "r", "what", "", "accept"];
        let mut reviewer = Reviewer::default();
        let mut decide = |reviewer: &mut Reviewer| {
            let mut ask = || Ok::<_, ()>(typed.pop().map(str::to_owned));
            reviewer.decide(&mut ask).expect("no error")
        };
        assert_eq!(decide(&mut reviewer), Decision::Accepted);
        assert_eq!(decide(&mut reviewer), Decision::Rejected);
        assert_eq!(decide(&mut reviewer), Decision::Skipped);
        assert_eq!(decide(&mut reviewer), Decision::Accepted);
        assert_eq!(decide(&mut reviewer), Decision::Accepted, "all");
        let mut other = Reviewer::default();
        assert_eq!(decide(&mut other), Decision::Skipped, "quit");
        assert_eq!(decide(&mut Reviewer::default()), Decision::Skipped, "no more input");
    }
}
