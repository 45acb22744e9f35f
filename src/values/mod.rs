//! Values: layers, `--set`, coalescing, schemas, the typed model.
