//! Tables as Helm prints them: columns padded to their widest cell, tabs between.

/// The rows of a table, each line ended. Cells wider than `limit` (0 for none) are cut.
pub(super) fn table(rows: &[Vec<&str>], limit: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        if limit > 0 { widest.min(limit) } else { widest }
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| fit(cell, width));
        out.push_str(&cells.collect::<Vec<_>>().join("\t"));
        out.push('\n');
    }
    out
}

fn fit(cell: &str, width: usize) -> String {
    let len = cell.chars().count();
    if len <= width {
        return format!("{cell}{}", " ".repeat(width - len));
    }
    // At least one character stays, even where the dots leave no room for it.
    let kept: String = cell.chars().take(width.saturating_sub(3).max(1)).collect();
    format!("{kept}...")
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_padded_and_cut() {
        let rows = [vec!["NAME", "VERSION"], vec!["kid", ">0.1"]];
        assert_eq!(super::table(&rows, 0), "NAME\tVERSION\nkid \t>0.1   \n");
        assert_eq!(super::table(&rows, 5), "NAME\tVE...\nkid \t>0.1 \n");
        assert_eq!(super::table(&rows, 2), "N...\tV...\nk...\t>...\n");
    }
}
