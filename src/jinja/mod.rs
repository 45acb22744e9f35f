//! Native charts: minijinja over the values document.
