//! Go's `text/template`: text to tree to output.
