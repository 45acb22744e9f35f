//! Mail addresses, as far as lint looks at them.

/// Whether a text is `local@domain` with characters that mail takes, and a domain with a dot.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_atom =
        |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let dotted = local.split('.').all(|part| !part.is_empty() && part.chars().all(is_atom));
    let is_label = |label: &str| {
        let edge = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric();
        let inner = |c: char| edge(c) || matches!(c, '-' | '_' | '~');
        label.starts_with(edge) && label.ends_with(edge) && label.chars().all(inner)
    };
    let mut labels = domain.strip_suffix('.').unwrap_or(domain).rsplit('.');
    let top = labels.next().unwrap_or_default();
    let letter = |c: char| !c.is_ascii() || c.is_ascii_alphabetic();
    let mut others = 0;
    let all_good = labels.inspect(|_| others += 1).all(is_label);
    (quoted || dotted)
        && all_good
        && others > 0
        && is_label(top)
        && top.starts_with(letter)
        && top.ends_with(letter)
}

#[cfg(test)]
mod tests {
    #[test]
    fn addresses() {
        for good in ["a@b.co", "first.last+tag@sub.example.com", "x_y@a-b.org"] {
            assert!(super::is_email(good), "{good}");
        }
        for bad in ["bad", "a@b", "a b@c.de", "a@b..de", ".a@b.de", "a@b.1", "https://x.y"] {
            assert!(!super::is_email(bad), "{bad}");
        }
    }
}
