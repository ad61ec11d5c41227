//! Tables in Markdown.

/// The rows below the first, which is the head. The first column is text, the others are figures.
pub(in crate::bench) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width).max(3);
        }
    }
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        text.push_str(&line(row, &widths));
        if place == 0 {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            let marked: Vec<String> = rules.iter().enumerate().map(|(column, rule)| mark(column, rule)).collect();
            text.push_str(&format!("| {} |\n", marked.join(" | ")));
        }
    }
    text
}

/// Figures end where those above and below do.
fn mark(column: usize, rule: &str) -> String {
    if column == 0 { rule.to_owned() } else { format!("{}:", rule.get(1..).unwrap_or_default()) }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let padded = cells.iter().zip(widths).enumerate().map(|(column, (cell, &width))| match column {
        0 => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["what", "µs"], ["a", "1,000"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(&rows), "| what |    µs |\n| ---- | ----: |\n| a    | 1,000 |\n");
    }
}
