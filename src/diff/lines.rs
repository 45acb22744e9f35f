//! Unified differences of texts, cut as Python's difflib cuts them.

use std::collections::HashMap;
use std::fmt::Write as _;

/// Lines that occur more often than this share of a long text are no anchors.
const POPULAR: usize = 100;

/// A run of lines that both texts share.
#[derive(Clone, Copy, Debug)]
struct Block {
    a: usize,
    b: usize,
    size: usize,
}

/// What happens to a range of lines.
#[derive(Clone, Copy, Debug)]
struct Change {
    equal: bool,
    a: (usize, usize),
    b: (usize, usize),
}

/// The unified difference of two texts with `context` lines around each change; empty when they
/// are equal.
pub fn unified(a: &str, b: &str, from: &str, to: &str, context: usize) -> String {
    let a: Vec<&str> = a.split('\n').collect();
    let b: Vec<&str> = b.split('\n').collect();
    let mut out = String::new();
    for group in grouped(&changes(&a, &b), context) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        if out.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(out, "--- {from}\n+++ {to}\n");
        }
        let a_range = range(first.a.0, last.a.1);
        let b_range = range(first.b.0, last.b.1);
        let _ = writeln!(out, "@@ -{a_range} +{b_range} @@");
        for change in &group {
            let signs = if change.equal { [" ", ""] } else { ["-", "+"] };
            for (sign, lines) in
                [(signs[0], &a[change.a.0..change.a.1]), (signs[1], &b[change.b.0..change.b.1])]
            {
                if !sign.is_empty() {
                    for line in lines {
                        let _ = writeln!(out, "{sign}{line}");
                    }
                }
            }
        }
    }
    out
}

fn range(start: usize, end: usize) -> String {
    match end - start {
        1 => format!("{}", start + 1),
        0 => format!("{start},0"),
        length => format!("{},{length}", start + 1),
    }
}

/// The changes in order, those between equal runs included.
fn changes(a: &[&str], b: &[&str]) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut i, mut j) = (0, 0);
    let end = Block { a: a.len(), b: b.len(), size: 0 };
    for block in matching(a, b).into_iter().chain([end]) {
        if i < block.a || j < block.b {
            changes.push(Change { equal: false, a: (i, block.a), b: (j, block.b) });
        }
        i = block.a + block.size;
        j = block.b + block.size;
        if block.size > 0 {
            changes.push(Change { equal: true, a: (block.a, i), b: (block.b, j) });
        }
    }
    changes
}

/// The runs that both texts share, neighbours joined.
fn matching(a: &[&str], b: &[&str]) -> Vec<Block> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, line) in b.iter().enumerate() {
        places.entry(line).or_default().push(at);
    }
    if b.len() >= 200 {
        let most = b.len() / POPULAR + 1;
        places.retain(|_, places| places.len() <= most);
    }
    let mut todo = vec![(0, a.len(), 0, b.len())];
    let mut found = Vec::new();
    while let Some((a_low, a_high, b_low, b_high)) = todo.pop() {
        let block = longest(a, b, &places, (a_low, a_high), (b_low, b_high));
        if block.size > 0 {
            todo.push((a_low, block.a, b_low, block.b));
            todo.push((block.a + block.size, a_high, block.b + block.size, b_high));
            found.push(block);
        }
    }
    found.sort_by_key(|block| (block.a, block.b));
    let mut joined: Vec<Block> = Vec::new();
    for block in found {
        match joined.last_mut() {
            Some(last) if last.a + last.size == block.a && last.b + last.size == block.b => {
                last.size += block.size;
            }
            _ => joined.push(block),
        }
    }
    joined
}

/// The longest run within ranges, the earliest of several.
fn longest(
    a: &[&str],
    b: &[&str],
    places: &HashMap<&str, Vec<usize>>,
    (a_low, a_high): (usize, usize),
    (b_low, b_high): (usize, usize),
) -> Block {
    let mut best = Block { a: a_low, b: b_low, size: 0 };
    let mut lengths: HashMap<usize, usize> = HashMap::new();
    for (i, line) in a.iter().enumerate().take(a_high).skip(a_low) {
        let mut now = HashMap::new();
        for &j in places.get(line).map(Vec::as_slice).unwrap_or_default() {
            if j < b_low {
                continue;
            }
            if j >= b_high {
                break;
            }
            let before = j.checked_sub(1).and_then(|j| lengths.get(&j)).copied().unwrap_or(0);
            let size = before + 1;
            now.insert(j, size);
            if size > best.size {
                best = Block { a: i + 1 - size, b: j + 1 - size, size };
            }
        }
        lengths = now;
    }
    // Lines that are no anchors extend a run.
    while best.a > a_low && best.b > b_low && a[best.a - 1] == b[best.b - 1] {
        best = Block { a: best.a - 1, b: best.b - 1, size: best.size + 1 };
    }
    while best.a + best.size < a_high
        && best.b + best.size < b_high
        && a[best.a + best.size] == b[best.b + best.size]
    {
        best.size += 1;
    }
    best
}

/// Changes in groups, with equal lines around them cut to the context.
fn grouped(changes: &[Change], context: usize) -> Vec<Vec<Change>> {
    let mut groups = Vec::new();
    let mut group: Vec<Change> = Vec::new();
    let count = changes.len();
    for (at, &change) in changes.iter().enumerate() {
        let mut change = change;
        let length = change.a.1 - change.a.0;
        if change.equal && at == 0 {
            let cut = length.saturating_sub(context);
            change = Change {
                a: (change.a.0 + cut, change.a.1),
                b: (change.b.0 + cut, change.b.1),
                ..change
            };
        } else if change.equal && at + 1 == count {
            let cut = length.saturating_sub(context);
            change = Change {
                a: (change.a.0, change.a.1 - cut),
                b: (change.b.0, change.b.1 - cut),
                ..change
            };
        } else if change.equal && length > 2 * context {
            let end = Change {
                a: (change.a.0, change.a.0 + context),
                b: (change.b.0, change.b.0 + context),
                ..change
            };
            group.push(end);
            groups.push(std::mem::take(&mut group));
            change = Change {
                a: (change.a.1 - context, change.a.1),
                b: (change.b.1 - context, change.b.1),
                ..change
            };
        }
        group.push(change);
    }
    if group.iter().any(|change| !change.equal) {
        groups.push(group);
    }
    groups
}

#[cfg(test)]
mod tests {
    #[test]
    fn unified() {
        let diff = super::unified("a\nb\nc\nd\ne\n", "a\nb\nx\nd\ne\n", "Expected", "Actual", 1);
        assert_eq!(diff, "--- Expected\n+++ Actual\n@@ -2,3 +2,3 @@\n b\n-c\n+x\n d\n");
        let diff = super::unified("1\n", "2\n", "Expected", "Actual", 1);
        assert_eq!(diff, "--- Expected\n+++ Actual\n@@ -1,2 +1,2 @@\n-1\n+2\n \n");
        assert_eq!(super::unified("same", "same", "a", "b", 1), "");
    }
}
