//! Kubernetes versions to check for, as the command line names them.

use super::catalog::{Minors, first_minor, newest_minor};

/// The newest minor.
pub fn newest() -> Minors {
    Minors::one(newest_minor()).expect("the newest minor is known")
}

/// Reads `1.29`, `v1.29.3`, `1.25,1.31`, `1.29..1.37`, `master`; several texts add up.
///
/// Errors: text that is no version, and versions that are not known.
pub fn parse(texts: &[String]) -> Result<Minors, String> {
    let mut all = Minors(0);
    for text in texts.iter().flat_map(|text| text.split(',')).map(str::trim) {
        if text.is_empty() {
            continue;
        }
        let (first, last) = match text.split_once("..") {
            Some((first, last)) => {
                let first = if first.is_empty() { first_minor() } else { minor(first)? };
                let last = last.trim_start_matches('=');
                (first, if last.is_empty() { newest_minor() } else { minor(last)? })
            }
            None => (minor(text)?, minor(text)?),
        };
        if first > last {
            return Err(format!("{text}: the range ends before it begins"));
        }
        for minor in first..=last {
            all = Minors(all.0 | Minors::one(minor).map_or(0, |one| one.0));
        }
    }
    Ok(if all.is_empty() { newest() } else { all })
}

fn minor(text: &str) -> Result<u32, String> {
    if matches!(text, "master" | "latest") {
        return Ok(newest_minor());
    }
    let wrong = || format!("{text:?} is no Kubernetes version such as 1.31");
    let rest = text.strip_prefix('v').unwrap_or(text).strip_prefix("1.").ok_or_else(wrong)?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    if !rest[digits..].is_empty() && !rest[digits..].starts_with(['.', '+', '-']) {
        return Err(wrong());
    }
    let minor: u32 = rest[..digits].parse().map_err(|_| wrong())?;
    if Minors::one(minor).is_none() {
        return Err(format!(
            "Kubernetes 1.{minor} is not known here, only 1.{} to 1.{}",
            first_minor(),
            newest_minor()
        ));
    }
    Ok(minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_ranges() {
        let read = |text: &str| {
            let minors = parse(&[text.to_owned()]).ok()?;
            Some(minors.iter().collect::<Vec<_>>())
        };
        assert_eq!(read("1.29"), Some(vec![29]));
        assert_eq!(read("v1.29.3, 1.31"), Some(vec![29, 31]));
        assert_eq!(read("1.29..1.31"), Some(vec![29, 30, 31]));
        assert_eq!(read(""), Some(vec![newest_minor()]));
        assert_eq!(read("master"), Some(vec![newest_minor()]));
        for wrong in ["2.0", "1.x", "1.19", "1.31..1.29", "1.30x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
