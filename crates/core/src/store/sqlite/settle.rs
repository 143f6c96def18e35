//! Recording attempts and what follows from them.

use std::time::Duration;

use rusqlite::{OptionalExtension as _, params_from_iter};

use super::super::{Attempt, Millis, Reason, Settled, Settlement, Verdict};
use super::Sql;
use super::codes::{DELIVERED, PARKED, PENDING, RETRY, SENDING, class_code};
use super::tally::Kind;
use super::writer::Work;

/// What an attempt that happened leaves behind in the delivery.
const TRIED: &str = "UPDATE delivery SET state = ?3, lane = coalesce(?4, lane),
    not_before = coalesce(?5, not_before), settled_at = ?6, reason = ?7, message = ?8, path = ?9,
    claim = NULL, lease_until = NULL, replaceable = 0, attempts = attempts + ?10,
    tries = tries + 1, first_idle = coalesce(first_idle, ?12), first_at = coalesce(first_at, ?11)
    WHERE id = ?1 AND claim = ?2 AND state = 2 RETURNING source, destination, tries";

/// The same without an attempt.
const UNTRIED: &str = "UPDATE delivery SET state = ?3, lane = coalesce(?4, lane),
    not_before = coalesce(?5, not_before), settled_at = ?6, reason = ?7, message = ?8, path = ?9,
    claim = NULL, lease_until = NULL
    WHERE id = ?1 AND claim = ?2 AND state = 2 RETURNING source, destination, tries";

/// Records a batch.
pub(super) fn settle(work: &mut Work<'_>, settlements: &[Settlement]) -> Sql<Settled> {
    let mut settled = Settled::default();
    for settlement in settlements {
        if one(work, settlement)? {
            settled.applied += 1;
        } else {
            settled.stale.push(settlement.id);
        }
    }
    Ok(settled)
}

struct Next<'a> {
    state: i64,
    lane: Option<i64>,
    not_before: Option<Millis>,
    reason: Option<&'a Reason>,
}

impl<'a> Next<'a> {
    fn after(verdict: &'a Verdict) -> Self {
        let (state, lane, not_before, reason) = match verdict {
            Verdict::Delivered => (DELIVERED, None, None, None),
            Verdict::Parked(reason) => (PARKED, None, None, Some(reason)),
            Verdict::Retry { not_before } => (PENDING, Some(RETRY), Some(*not_before), None),
            Verdict::HeldBack { not_before } => (PENDING, None, Some(*not_before), None),
            Verdict::Released => (PENDING, None, None, None),
        };
        Self {
            state,
            lane,
            not_before,
            reason,
        }
    }
}

/// Records one; false if the claim is no longer good.
fn one(work: &mut Work<'_>, settlement: &Settlement) -> Sql<bool> {
    let next = Next::after(&settlement.verdict);
    let code = match next.reason {
        Some(reason) => Some(work.labels.id(work.conn, &reason.code)?),
        None => None,
    };
    let attempt = settlement.attempt.as_ref();
    let mut update = work
        .conn
        .prepare_cached(if attempt.is_some() { TRIED } else { UNTRIED })?;
    let final_state = next.state != PENDING;
    let common = rusqlite::params![
        settlement.id.get(),
        settlement.claim.as_bytes(),
        next.state,
        next.lane,
        next.not_before.map(Millis::get),
        final_state.then(|| settlement.now.get()),
        code,
        next.reason.map(|reason| &reason.message),
        next.reason.and_then(|reason| reason.path.as_ref()),
    ];
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let row: Option<(i64, i64, i64)> = match attempt {
        Some(attempt) => {
            let tried = rusqlite::params![
                i64::from(attempt.spent),
                attempt.at.get(),
                number(attempt.idle),
            ];
            let all = common.iter().chain(tried);
            update.query_row(params_from_iter(all), read).optional()?
        }
        None => update.query_row(common, read).optional()?,
    };
    let Some((source, destination, tries)) = row else {
        return Ok(false);
    };
    if let Some(attempt) = attempt {
        record(work, settlement.id.get(), tries, attempt)?;
    }
    let kind = |state, reason: Option<i64>| Kind {
        source,
        destination,
        state,
        reason: reason.unwrap_or_default(),
    };
    work.tally
        .shift(kind(SENDING, None), kind(next.state, code));
    Ok(true)
}

fn record(work: &Work<'_>, delivery: i64, tries: i64, attempt: &Attempt) -> Sql<()> {
    const LONGEST_ANSWER: usize = 500;
    let answer = &*attempt.answer;
    let end = answer.char_indices().nth(LONGEST_ANSWER);
    let answer = end.map_or(&answer[..], |(end, _)| answer.split_at(end).0);
    work.conn
        .prepare_cached("INSERT INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(rusqlite::params![
            delivery,
            tries,
            attempt.at.get(),
            number(attempt.duration),
            class_code(attempt.class),
            attempt.status,
            (!answer.is_empty()).then_some(answer),
        ])?;
    Ok(())
}

/// A length of time as it is stored.
fn number(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
