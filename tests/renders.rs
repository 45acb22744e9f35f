//! Whole charts with what Helm v4.3.1 prints for them; `record_renders.py` writes the results.

use crate::support::{MemoryHost, cases, run};

/// Splits an argument line at blanks; single quotes protect them.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.trim().chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("one word").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn equal_helm() {
    let mut count = 0;
    for entry in std::fs::read_dir(cases().join("render")).expect("folder") {
        let folder = entry.expect("entry").path();
        let name = folder.file_name().expect("name").to_string_lossy().into_owned();
        let host = MemoryHost::new();
        host.put_folder(&format!("tests/cases/render/{name}"), ".");
        let list = std::fs::read_to_string(folder.join("cases.txt")).expect("cases.txt");
        for line in list.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            let (case, arguments) = line.split_once(':').expect("NAME: ARGUMENTS");
            let case = case.trim();
            let mut args = vec!["template".to_string(), "rel".to_string(), "chart".to_string()];
            args.extend(words(arguments));
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let output = run(&host, &args);
            let expected = std::fs::read(folder.join(format!("{case}.out"))).expect("recorded");
            let errors = std::fs::read_to_string(folder.join(format!("{case}.err")));
            assert_eq!(
                String::from_utf8_lossy(&output.out),
                String::from_utf8_lossy(&expected),
                "{name}/{case}"
            );
            assert_eq!(output.err, errors.unwrap_or_default(), "{name}/{case}");
            count += 1;
        }
    }
    assert!(count >= 20, "only {count} cases were found");
}
