//! Reports: ordered, made after a while, downloaded from an address that does not last.

use std::io::Write as _;

use bytes::Bytes;
use encoding_rs::SHIFT_JIS;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::orders::{HEADER, Order, read_time};
use super::{Fault, Setup, refused};
use crate::{Answer, Asked};

/// All that were ordered.
#[derive(Debug, Default)]
pub(super) struct Reports(Vec<Report>);

#[derive(Debug)]
struct Report {
    status: &'static str,
    /// How often its state is asked for before it is ready.
    wait: u32,
    text: Bytes,
    packed: Option<Bytes>,
    /// How many addresses were given; the latest is good.
    addresses: u32,
}

impl Reports {
    pub(super) fn create(
        &mut self,
        asked: &Asked,
        orders: &[Order],
        setup: &Setup,
        fault: Option<Fault>,
    ) -> Answer {
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let given = |name: &str| body.get(name).and_then(Value::as_str);
        let kind = given("reportType").unwrap_or_default();
        let time = |name: &str| given(name).and_then(read_time);
        let (Some(since), Some(until)) = (time("dataStartTime"), time("dataEndTime")) else {
            return refused(400, "InvalidInput");
        };
        let ids = body.get("marketplaceIds").and_then(Value::as_array);
        if ids.is_none_or(Vec::is_empty) || until - since > 31 * 86_400 {
            return refused(400, "InvalidInput");
        }
        let of_time = |order: &&Order| {
            let at = if kind.contains("BY_LAST_UPDATE") {
                order.updated
            } else {
                order.placed
            };
            (since..until).contains(&at)
        };
        let mut text = HEADER.to_owned();
        let mut any = false;
        for order in orders.iter().filter(of_time) {
            any = true;
            order.row(&mut text);
        }
        let status = match fault {
            Some(Fault::Fatal) => "FATAL",
            Some(Fault::Cancelled) => "CANCELLED",
            _ if !any => "CANCELLED",
            _ => "DONE",
        };
        self.0.push(Report {
            status,
            wait: setup.report_wait,
            text: if setup.shift_jis {
                // The shop's words stand for any others.
                let text = text.replace("Mug", "マグ").replace("Austin", "東京");
                let text = text.replace("Amazon.com", "Amazon.co.jp");
                SHIFT_JIS.encode(&text).0.into_owned().into()
            } else {
                text.into()
            },
            packed: None,
            addresses: 0,
        });
        Answer::json(202, &json!({"reportId": (self.0.len() - 1).to_string()}))
    }

    fn get(&mut self, id: &str) -> Option<&mut Report> {
        self.0.get_mut(id.parse::<usize>().ok()?)
    }

    pub(super) fn state(&mut self, id: &str) -> Answer {
        let Some(report) = self.get(id) else {
            return refused(404, "NotFound");
        };
        if report.wait > 0 {
            report.wait -= 1;
            return Answer::json(
                200,
                &json!({"reportId": id, "processingStatus": "IN_PROGRESS"}),
            );
        }
        let status = report.status;
        let body = if status == "DONE" {
            json!({"reportId": id, "processingStatus": status, "reportDocumentId": id})
        } else {
            json!({"reportId": id, "processingStatus": status})
        };
        Answer::json(200, &body)
    }

    pub(super) fn document(&mut self, id: &str, url: &str) -> Answer {
        let Some(report) = self.get(id) else {
            return refused(404, "NotFound");
        };
        report.addresses += 1;
        let address = report.addresses;
        let url = format!("{url}/download/{id}-{address}");
        let body = json!({"reportDocumentId": id, "url": url, "compressionAlgorithm": "GZIP"});
        Answer::json(200, &body)
    }

    pub(super) fn download(&mut self, name: &str, setup: &Setup) -> Answer {
        let found = name.split_once('-').and_then(|(id, address)| {
            let report = self.get(id)?;
            (address.parse() == Ok(report.addresses)).then_some(report)
        });
        let Some(report) = found else {
            return Answer::bytes(403, "<Error><Code>AccessDenied</Code></Error>");
        };
        let body = if setup.gzip {
            let text = &report.text;
            report.packed.get_or_insert_with(|| pack(text)).clone()
        } else {
            report.text.clone()
        };
        let charset = if setup.shift_jis {
            "Shift_JIS"
        } else {
            "UTF-8"
        };
        let kind = format!("text/plain; charset={charset}");
        Answer::bytes(200, body).header("content-type", kind)
    }
}

fn pack(text: &[u8]) -> Bytes {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let written = packed.write_all(text).and_then(|()| packed.finish());
    written.unwrap_or_default().into()
}
