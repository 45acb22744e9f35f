//! Subscripts of lists: `[1]`, `[-1]`, `[1:5:2]`, `[0,2]`, `[*]`.

/// One member of a subscript.
#[derive(Debug, PartialEq)]
pub(super) enum Slice {
    /// `*`.
    All,
    /// An index, from the end when negative.
    Index(i64),
    /// From, to, step.
    Range(Option<i64>, Option<i64>, i64),
}

impl Slice {
    /// Parses what stands between the brackets.
    pub(super) fn parse(text: &str) -> Result<Vec<Slice>, String> {
        let members: Vec<&str> = text.split(',').collect();
        if let [only] = members[..] {
            return Ok(vec![Slice::member(only)?]);
        }
        let numbered = members.into_iter().enumerate();
        numbered
            .map(|(at, member)| match Slice::member(member) {
                Ok(Slice::All) => {
                    Err(format!("error in union member {at}: wildcard cannot be used in union"))
                }
                Ok(slice) => Ok(slice),
                Err(why) => Err(format!("error in union member {at}: {why}")),
            })
            .collect()
    }

    fn member(text: &str) -> Result<Slice, String> {
        let text = text.trim();
        if text == "*" {
            return Ok(Slice::All);
        }
        let number = |part: &str| match part.trim() {
            "" => Ok(None),
            part => part.parse::<i64>().map(Some).map_err(|_| "non-integer array index".to_owned()),
        };
        let parts: Vec<_> = text.split(':').collect();
        if parts.len() > 3 {
            return Err("malformed array index, too many colons".into());
        }
        let numbers = parts.into_iter().map(number).collect::<Result<Vec<_>, _>>()?;
        match numbers[..] {
            [index] => Ok(Slice::Index(index.ok_or("array index missing")?)),
            [_, _, Some(0)] => Err("array index step value must be non-zero".into()),
            [from, to] => Ok(Slice::Range(from, to, 1)),
            [from, to, step] => Ok(Slice::Range(from, to, step.unwrap_or(1))),
            _ => Err("array index missing".into()),
        }
    }

    /// Whether a subscript is `[*]`.
    pub(super) fn is_all(slices: &[Slice]) -> bool {
        slices == [Slice::All]
    }

    /// The indices that it means for a list of this length.
    pub(super) fn indices(&self, length: usize) -> Vec<usize> {
        let len = length as i64;
        let absolute = |index: i64| if index < 0 { index + len } else { index };
        match *self {
            Slice::All => (0..length).collect(),
            Slice::Index(index) => {
                let index = usize::try_from(absolute(index)).ok();
                index.filter(|index| *index < length).into_iter().collect()
            }
            Slice::Range(from, to, step) if step > 0 => {
                let from = from.map_or(0, absolute).max(0);
                let to = to.map_or(len, absolute).min(len);
                let steps = (from..to).step_by(usize::try_from(step).unwrap_or(usize::MAX));
                steps.map(|index| index as usize).collect()
            }
            Slice::Range(from, to, step) => {
                let from = from.map_or(len - 1, absolute).min(len);
                let to = to.map_or(-1, absolute).max(-1);
                let step = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
                let steps = (to + 1..=from).rev().step_by(step);
                steps.filter(|index| *index < len).map(|index| index as usize).collect()
            }
        }
    }
}
