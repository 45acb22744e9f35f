//! The coverage of charts as people and programs read it, and whether it is enough.

mod cobertura;
mod json;
mod lcov;
mod text;

pub use json::json;
pub use text::text;

use crate::coverage::{Coverage, Measure, ratio};
use crate::host::Host;

/// Forms of a coverage file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: a table, and what was not reached.
    Text,
    /// `LCOV` trace files.
    Lcov,
    /// Cobertura's XML.
    Cobertura,
    /// One object, with everything that is known.
    Json,
}

impl Format {
    /// A form by its name on the command line.
    pub fn parse(text: &str) -> Option<Format> {
        match text {
            "text" => Some(Format::Text),
            "lcov" => Some(Format::Lcov),
            "cobertura" | "xml" => Some(Format::Cobertura),
            "json" => Some(Format::Json),
            _ => None,
        }
    }

    /// The form that the name of a file asks for.
    pub fn of_file(name: &str) -> Option<Format> {
        match name.rsplit_once('.')?.1 {
            "info" | "lcov" => Some(Format::Lcov),
            "xml" => Some(Format::Cobertura),
            "json" => Some(Format::Json),
            "txt" => Some(Format::Text),
            _ => None,
        }
    }

    /// The file that other tools look for; none for what people read at once.
    pub fn default_file(self) -> Option<&'static str> {
        match self {
            Format::Text => None,
            Format::Lcov => Some("lcov.info"),
            Format::Cobertura => Some("coverage.xml"),
            Format::Json => Some("coverage.json"),
        }
    }

    /// The text of a file; `host` says when it was written.
    pub fn write(self, charts: &[&Coverage], host: &dyn Host) -> String {
        match self {
            Format::Text => text(charts, false),
            Format::Lcov => lcov::write(charts),
            Format::Cobertura => cobertura::write(charts, host),
            Format::Json => {
                let mut text =
                    serde_json::to_string_pretty(&json(charts)).expect("JSON of texts and numbers");
                text.push('\n');
                text
            }
        }
    }
}

/// What must be reached at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minimum {
    /// Of what.
    pub measure: Measure,
    /// In thousandths.
    pub permille: usize,
    /// As it was given.
    pub text: String,
}

impl Minimum {
    /// Reads `80`, `87.5` or `branches=70`; a bare number is of lines.
    ///
    /// # Errors
    /// What is no percentage of anything, with what there is.
    pub fn parse(text: &str) -> Result<Minimum, String> {
        let (name, number) = text.split_once('=').unwrap_or(("lines", text));
        let measure = Measure::ALL.into_iter().find(|it| it.name() == name.trim());
        let Some(measure) = measure else {
            let known = Measure::ALL.map(Measure::name).join(", ");
            return Err(format!("{name:?} is not measured: {known} are"));
        };
        let number = number.trim();
        let number = number.strip_suffix('%').unwrap_or(number).trim_end();
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let part = part.chars().next().filter(|_| part.len() == 1).and_then(|it| it.to_digit(10));
        let whole = whole.parse::<usize>().ok();
        let permille = whole.zip(part).map(|(whole, part)| whole * 10 + part as usize);
        match permille.filter(|permille| *permille <= 1000) {
            Some(permille) => Ok(Minimum { measure, permille, text: number.to_owned() }),
            None => Err(format!("{number:?} is no percentage from 0 to 100")),
        }
    }
}

/// What is missing to the minima, as a sentence for each; none when all is well.
pub fn shortfalls(charts: &[&Coverage], minima: &[Minimum]) -> Vec<String> {
    let short = minima.iter().filter_map(|minimum| {
        let ratio = ratio(charts, minimum.measure);
        (ratio.permille() < minimum.permille).then(|| {
            format!(
                "{} % of the {} are covered ({} of {}), --coverage-min wants {} %",
                ratio.percent(),
                minimum.measure.name(),
                ratio.hit,
                ratio.total,
                minimum.text
            )
        })
    });
    short.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::coverage::{FileCoverage, Fork, Named, Ratio, UnreadValue};
    use crate::host::FixedHost;

    /// A chart of which some was reached.
    pub(in crate::testing) fn sample() -> Coverage {
        let fork = |spot, line, word| Fork { spot, line, word };
        let named = |name: &str, line| Named { name: name.to_owned(), line };
        Coverage {
            chart: "web".into(),
            files: vec![
                FileCoverage {
                    path: "web/templates/_h.tpl".into(),
                    lines: [(2, 3), (6, 0), (7, 0), (9, 1)].into(),
                    forks: vec![(fork(1, 2, "if"), [3, 0])],
                    templates: vec![(named("web.name", 1), 3), (named("web.old", 5), 0)],
                    rendered: None,
                },
                FileCoverage {
                    path: "web/templates/a.yaml".into(),
                    lines: [(1, 2), (3, 1), (4, 0), (5, 0), (8, 0)].into(),
                    forks: vec![
                        (fork(1, 1, "range"), [0, 2]),
                        (fork(2, 3, "with"), [1, 1]),
                        (fork(3, 5, "if"), [0, 0]),
                    ],
                    templates: Vec::new(),
                    rendered: Some(2),
                },
                FileCoverage {
                    path: "web/templates/b.yaml".into(),
                    lines: [(1, 0)].into(),
                    rendered: Some(0),
                    ..FileCoverage::default()
                },
            ],
            values_file: "web/values.yaml".into(),
            values: Ratio { hit: 3, total: 5 },
            unread: vec![
                UnreadValue { path: "a.b".into(), line: 4, is_named: true },
                UnreadValue { path: "old".into(), line: 7, is_named: false },
            ],
        }
    }

    #[test]
    fn files() {
        let sample = sample();
        let host = FixedHost::new(crate::limited::FROZEN_AT, 1);
        let write = |format: Format| format.write(&[&sample], &host);
        insta::assert_snapshot!(write(Format::Text), @r"
        Coverage                         lines          branches         templates
        web/templates/_h.tpl       2/4  50.0 %       1/2  50.0 %       1/2  50.0 %
        web/templates/a.yaml       2/5  40.0 %       3/6  50.0 %       1/1 100.0 %
        web/templates/b.yaml       0/1   0.0 %                 -       0/1   0.0 %
        all templates             4/10  40.0 %       4/8  50.0 %       2/4  50.0 %
        web/values.yaml            3/5  60.0 %  of the values

        Never rendered
          web/templates/b.yaml

        web/templates/_h.tpl
          lines 6-7: never reached
          line 2: if always holds
          line 5: web.old is never used

        web/templates/a.yaml
          lines 4-8: never reached
          line 1: range never has a turn

        web/values.yaml
          line 4: a.b is never read
          line 7: old is read by no template
        ");
        let lcov = write(Format::Lcov);
        let records: Vec<&str> = lcov.split("end_of_record\n").collect();
        assert_eq!(
            records[0],
            "TN:\nSF:web/templates/_h.tpl\nFN:1,web.name\nFN:5,web.old\nFNDA:3,web.name\n\
             FNDA:0,web.old\nFNF:2\nFNH:1\nBRDA:2,0,0,3\nBRDA:2,0,1,0\nBRF:2\nBRH:1\nDA:2,3\n\
             DA:6,0\nDA:7,0\nDA:9,1\nLF:4\nLH:2\n"
        );
        assert!(records[1].contains("BRDA:5,2,0,-\nBRDA:5,2,1,-\nBRF:6\nBRH:3\n"), "{lcov}");
        let xml = write(Format::Cobertura);
        for part in [
            "<coverage line-rate=\"0.400\" branch-rate=\"0.500\" lines-covered=\"4\"",
            "timestamp=\"1704067200000\"",
            "<class name=\"a.yaml\" filename=\"web/templates/a.yaml\" line-rate=\"0.400\"",
            "<method name=\"web.old\" signature=\"\" line-rate=\"0.000\"",
            "<line number=\"1\" hits=\"2\" branch=\"true\" condition-coverage=\"50% (1/2)\">",
        ] {
            assert!(xml.contains(part), "{part}: {xml}");
        }
        let json = json(&[&sample]);
        assert_eq!(json["lines"]["percent"], 40.0);
        let file = &json["charts"][0]["files"][1];
        assert_eq!(file["missed_lines"][0], "4-8");
        assert_eq!(file["missed_branches"][0]["message"], "range never has a turn");
        assert_eq!(json["charts"][0]["unread_values"][1]["in_templates"], false);
    }

    #[test]
    fn minima() {
        let of = |text: &str| Minimum::parse(text).map(|it| (it.measure, it.permille));
        assert_eq!(of("80"), Ok((Measure::Lines, 800)));
        assert_eq!(of("branches = 87.5 %"), Ok((Measure::Branches, 875)));
        for bad in ["101", "x", "1.25", "-1", "lines=", "words=3"] {
            assert!(of(bad).is_err(), "{bad}");
        }
        let sample = sample();
        let wanted: Vec<_> = ["40", "values=60.1", "templates=100"]
            .map(|text| Minimum::parse(text).expect(text))
            .into();
        assert_eq!(
            shortfalls(&[&sample], &wanted),
            [
                "60.0 % of the values are covered (3 of 5), --coverage-min wants 60.1 %",
                "50.0 % of the templates are covered (2 of 4), --coverage-min wants 100 %",
            ]
        );
    }
}
