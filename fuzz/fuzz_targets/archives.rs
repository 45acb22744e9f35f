//! Chart archives: the bytes as they come, and zipped first, so that the tar inside is reached.
#![no_main]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use rhumb_fuzz::render_archive;

fuzz_target!(|data: &[u8]| {
    render_archive(data);
    let mut zipped = GzEncoder::new(Vec::new(), Compression::fast());
    zipped.write_all(data).expect("memory takes all");
    render_archive(&zipped.finish().expect("memory takes all"));
});
