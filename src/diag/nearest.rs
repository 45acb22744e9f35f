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

#[cfg(test)]
mod tests {
    use super::nearest;

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
