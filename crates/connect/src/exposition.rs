//! The Prometheus text format, written by hand: three kinds of lines do not need a crate.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};
use std::time::Duration;

use orderbridge_core::dispatch::Histogram;

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Durations in buckets.
    Histogram,
}

/// Metrics as text. All values of one metric are written one after the other, below its head.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
    /// The metric whose values are being written, with the prefix.
    name: String,
    /// All that were begun.
    begun: BTreeSet<String>,
    /// The metric was begun a second time: a scrape with two heads of one name is refused whole.
    is_repeated: bool,
}

impl Exposition {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a metric; the prefix `orderbridge_` is put in front of its name. One that was begun
    /// before is left out with all its values: who writes first has it.
    pub fn metric(&mut self, name: &str, kind: MetricKind, help: &str) {
        let kind = match kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Histogram => "histogram",
        };
        self.name = format!("orderbridge_{name}");
        self.is_repeated = !self.begun.insert(self.name.clone());
        if self.is_repeated {
            return;
        }
        let name = &self.name;
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A value of the metric that was begun last.
    pub fn value(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.line("", labels, value);
    }

    /// A duration in seconds, as a value of the metric that was begun last.
    pub fn seconds(&mut self, labels: &[(&str, &str)], value: Duration) {
        self.line("", labels, value.as_secs_f64());
    }

    /// The buckets of a histogram, as values of the metric that was begun last.
    pub fn histogram(&mut self, labels: &[(&str, &str)], histogram: &Histogram) {
        let found = histogram.read();
        for (bound, count) in &found.up_to {
            let bound = bound.as_secs_f64().to_string();
            let mut labels = labels.to_vec();
            labels.push(("le", &bound));
            self.line("_bucket", &labels, count);
        }
        let mut all = labels.to_vec();
        all.push(("le", "+Inf"));
        self.line("_bucket", &all, found.count);
        self.line("_sum", labels, found.sum.as_secs_f64());
        self.line("_count", labels, found.count);
    }

    /// The text of all metrics.
    pub fn into_text(self) -> String {
        self.text
    }

    fn line(&mut self, ending: &str, labels: &[(&str, &str)], value: impl Display) {
        if self.is_repeated {
            return;
        }
        self.text.push_str(&self.name);
        self.text.push_str(ending);
        for (place, (name, value)) in labels.iter().enumerate() {
            self.text.push(if place == 0 { '{' } else { ',' });
            let _ = write!(self.text, "{name}=\"");
            for letter in value.chars() {
                match letter {
                    '\\' => self.text.push_str(r"\\"),
                    '"' => self.text.push_str("\\\""),
                    '\n' => self.text.push_str(r"\n"),
                    other => self.text.push(other),
                }
            }
            self.text.push('"');
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.text, "{end} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_heads_labels_and_buckets() {
        let mut text = Exposition::new();
        text.metric(
            "parked_total",
            MetricKind::Counter,
            "what waits\nfor people",
        );
        text.value(&[("source", "a\"b\\c\n"), ("reason", "x")], 3);
        text.metric("age_seconds", MetricKind::Gauge, "age");
        text.seconds(&[], Duration::from_millis(1_500));
        let expected = concat!(
            "# HELP orderbridge_parked_total what waits\\nfor people\n",
            "# TYPE orderbridge_parked_total counter\n",
            "orderbridge_parked_total{source=\"a\\\"b\\\\c\\n\",reason=\"x\"} 3\n",
            "# HELP orderbridge_age_seconds age\n",
            "# TYPE orderbridge_age_seconds gauge\n",
            "orderbridge_age_seconds 1.5\n",
        );
        assert_eq!(text.into_text(), expected);
    }

    #[test]
    fn a_metric_that_comes_twice_is_written_once() {
        let mut text = Exposition::new();
        for value in 1..=2 {
            text.metric("up", MetricKind::Gauge, "whether");
            text.value(&[], value);
        }
        let text = text.into_text();
        assert_eq!(text.matches("# TYPE").count(), 1);
        assert!(text.ends_with("orderbridge_up 1\n"), "{text}");
    }

    #[test]
    fn a_histogram_ends_with_its_sum_and_count() {
        let histogram = Histogram::quick();
        histogram.observe(Duration::from_millis(2));
        let mut text = Exposition::new();
        text.metric("took_seconds", MetricKind::Histogram, "time");
        text.histogram(&[("to", "x")], &histogram);
        let text = text.into_text();
        assert!(text.contains("orderbridge_took_seconds_bucket{to=\"x\",le=\"0.001\"} 0\n"));
        assert!(text.contains("orderbridge_took_seconds_bucket{to=\"x\",le=\"+Inf\"} 1\n"));
        assert!(text.ends_with(
            "orderbridge_took_seconds_sum{to=\"x\"} 0.002\norderbridge_took_seconds_count{to=\"x\"} 1\n"
        ));
    }
}
