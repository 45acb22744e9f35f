//! The least that a render can cost: reads every file of a chart and writes as many bytes as the
//! output has. benches/run.sh compiles it and runs it beside the others.
//!
//! floor template NAME CHART, with the number of bytes in FLOOR_BYTES.

use std::io::Write;
use std::path::Path;

fn read(folder: &Path, texts: &mut Vec<Vec<u8>>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            read(&entry.path(), texts)?;
        } else {
            texts.push(std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let chart = std::env::args().nth(3).expect("a chart");
    let bytes = std::env::var("FLOOR_BYTES").expect("FLOOR_BYTES");
    let mut texts = Vec::new();
    read(Path::new(&chart), &mut texts)?;
    std::io::stdout().write_all(&vec![b'x'; bytes.parse().expect("a number")])?;
    // As the program that is measured: nothing is freed at the end.
    std::mem::forget(texts);
    Ok(())
}
