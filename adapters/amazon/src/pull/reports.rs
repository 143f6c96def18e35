//! Reports: ordered, waited for, downloaded.
//!
//! <https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-reference>

use orderbridge_event::{Answer, PullError, Request, Timestamp, Trouble};
use serde_json::json;

use super::answers::{Created, Report, success};
use super::api::{CREATE, DOCUMENT, REPORT, Seller};
use super::position::{Kind, Position, RefundSearch, Slice, time};
use crate::marketplace;

/// A report covers no more than this.
const LONGEST: i64 = 30 * 24 * 60 * 60;
/// A report that fails is ordered again so many times.
const TRIES: u32 = 3;
/// From one question for a report's state to the next, in seconds: at first, and at most.
const SHORTEST_PAUSE: i64 = 2;
const LONGEST_PAUSE: i64 = 60;

impl Slice {
    /// The end of the time that its report covers.
    fn end(&self) -> i64 {
        self.until.min(self.since + LONGEST)
    }

    /// What comes after its report.
    pub(super) fn next(self) -> Position {
        if self.end() < self.until {
            return Position::Order(Self {
                since: self.end(),
                failed: 0,
                not_before: 0,
                ..self
            });
        }
        match self.kind {
            Kind::History => Position::End,
            Kind::Everything => Position::Refunds(RefundSearch::of(self.from, self.until)),
            Kind::Sweep => Position::Rest { up_to: self.until },
        }
    }

    fn report(&self) -> &'static str {
        match self.kind {
            Kind::History | Kind::Everything => {
                "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
            }
            Kind::Sweep => "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
        }
    }
}

impl Seller {
    pub(super) fn order_report(&self, slice: &Slice) -> Request {
        let marketplaces = match self.marketplaces.as_slice() {
            [] => marketplace::all_of(self.region),
            some => some.to_vec(),
        };
        let body = json!({
            "reportType": slice.report(),
            "dataStartTime": time(slice.since),
            "dataEndTime": time(slice.end()),
            "marketplaceIds": marketplaces,
        });
        let url = format!("{}/reports/2021-06-30/reports", self.url);
        let body = body.to_string();
        Self::dressed(Request::post(CREATE, url, "application/json", body))
    }

    pub(super) fn take_ordered(
        slice: Slice,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<Position, PullError> {
        let Created { report_id } = success(CREATE, answer)?;
        Ok(Position::Ordered {
            slice,
            report: report_id,
            asked: 0,
            not_before: now.unix(),
        })
    }

    pub(super) fn ask_for_report(&self, report: &str) -> Request {
        let url = format!("{}/reports/2021-06-30/reports/{report}", self.url);
        Self::dressed(Request::get(REPORT, url))
    }

    pub(super) fn take_report(
        slice: Slice,
        report: String,
        asked: u32,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<Position, PullError> {
        let found: Report = success(REPORT, answer)?;
        match (found.processing_status.as_str(), found.report_document_id) {
            ("DONE", Some(document)) => Ok(Position::Ready {
                slice,
                document,
                given: 0,
            }),
            // That there is nothing to report is told so as well.
            ("DONE" | "CANCELLED", _) => Ok(slice.next()),
            ("FATAL", _) if slice.failed + 1 < TRIES => {
                let failed = slice.failed + 1;
                Ok(Position::Order(Slice {
                    failed,
                    not_before: now.unix() + (SHORTEST_PAUSE << failed),
                    ..slice
                }))
            }
            ("FATAL", _) => {
                let message = format!(
                    "Amazon could not make the report from {} to {}, {TRIES} times",
                    time(slice.since),
                    time(slice.end())
                );
                Err(PullError::new(Trouble::Refused, message))
            }
            // In the queue, in progress, or a word that is new.
            _ => {
                let pause = SHORTEST_PAUSE << asked.min(10);
                Ok(Position::Ordered {
                    slice,
                    report,
                    asked: asked + 1,
                    not_before: now.unix() + pause.min(LONGEST_PAUSE),
                })
            }
        }
    }

    pub(super) fn ask_for_document(&self, document: &str) -> Request {
        let url = format!("{}/reports/2021-06-30/documents/{document}", self.url);
        Self::dressed(Request::get(DOCUMENT, url))
    }
}
