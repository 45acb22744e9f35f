//! The closest known name, for "did you mean".

/// The known name that a mistyped one most likely means, if any is near enough.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let scored = known
        .into_iter()
        .filter(|known| *known != name)
        .map(|known| (strsim::damerau_levenshtein(&lower, &known.to_lowercase()), known));
    let (distance, best) = scored.min_by_key(|(distance, _)| *distance)?;
    let limit = (name.chars().count() / 3).clamp(1, 3);
    (distance <= limit).then_some(best)
}

/// Like [`nearest`]; failing that, a known name that begins like the mistyped one.
pub fn likely<'a>(name: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
    nearest(name, known.clone()).or_else(|| {
        let lower = name.to_lowercase();
        let common = |known: &str| {
            let known = known.to_lowercase();
            known.chars().zip(lower.chars()).take_while(|(a, b)| a == b).count()
        };
        let best = known.into_iter().map(|known| (common(known), known)).max_by_key(|it| it.0)?;
        // At least the shorter of the two, or most of it.
        let shorter = best.1.chars().count().min(lower.chars().count());
        (best.0 >= 3 && best.0 * 4 >= shorter * 3).then_some(best.1)
    })
}

#[cfg(test)]
mod tests {
    use super::{likely, nearest};

    #[test]
    fn finds_what_begins_alike() {
        let known = ["replicaCount", "repository", "WARN", "create"];
        for (name, expected) in [
            ("replicas", Some("replicaCount")),
            ("repo", Some("repository")),
            ("WARNING", Some("WARN")),
            ("name", None),
        ] {
            assert_eq!(likely(name, known), expected, "{name}");
        }
    }

    #[test]
    fn finds_the_likely_name() {
        let known = ["port", "prometheusPort", "threadPoolSize", "nodeAffinity"];
        for (name, expected) in [
            ("prot", Some("port")),
            ("promethuesPort", Some("prometheusPort")),
            ("nodeafinity", Some("nodeAffinity")),
            ("replicas", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
    }
}
