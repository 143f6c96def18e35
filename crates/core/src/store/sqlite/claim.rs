//! Leasing deliveries that are due, and taking back those whose lease ran out.

use std::time::Duration;

use bytes::Bytes;

use super::super::{
    AttemptClass, ClaimId, Claimed, DeliveryId, Due, End, FirstAttempt, Lane, Millis, Private,
};
use super::codes::{FRESH, HELD, PENDING, RETRY, SENDING, class_code};
use super::readers::View;
use super::tally::Kind;
use super::writer::Work;
use super::{Sql, destination};

/// Deliveries that are taken back in one commit; the others follow with the next claim.
const TAKEN_BACK: i64 = 1_000;

/// Leases what is due.
pub(super) fn claim(work: &mut Work<'_>, due: &Due) -> Sql<Vec<Claimed>> {
    take_back(work, due.now)?;
    let Some(destination) = work.labels.known(work.conn, &due.destination)? else {
        return Ok(Vec::new());
    };
    if due.probe.is_none() {
        let state = destination::read(work.conn, work.labels, destination)?;
        if state.paused.is_some() || state.not_before.is_some_and(|until| until > due.now) {
            return Ok(Vec::new());
        }
    }
    let limit = i64::try_from(due.limit).unwrap_or(i64::MAX);
    if due.lane == Lane::Fresh {
        end_holds(work, destination, due.now, limit)?;
    }
    let claimed = select(work, due, destination, limit)?;
    let mut update = work.conn.prepare_cached(
        "UPDATE delivery SET state = 2, claim = ?2, lease_until = ?3 WHERE id = ?1",
    )?;
    for (delivery, source) in &claimed {
        let lease = due.lease_until.get();
        update.execute((delivery.id.get(), due.claim.as_bytes(), lease))?;
        let kind = |state| Kind {
            source: *source,
            destination,
            state,
            reason: 0,
        };
        work.tally.shift(kind(PENDING), kind(SENDING));
    }
    Ok(claimed.into_iter().map(|(delivery, _)| delivery).collect())
}

fn select(
    work: &mut Work<'_>,
    due: &Due,
    destination: i64,
    limit: i64,
) -> Sql<Vec<(Claimed, i64)>> {
    let lane = match due.lane {
        Lane::Fresh => FRESH,
        Lane::Retry => RETRY,
    };
    let order = match due.probe {
        None | Some(End::Oldest) => "d.not_before, d.received_at, d.id",
        Some(End::Newest) => "d.not_before DESC, d.received_at DESC, d.id DESC",
    };
    let mut select = work.conn.prepare_cached(&format!(
        "SELECT d.id, d.source, d.name, d.event_id, d.attempts, d.first_at, d.first_idle,
         d.received_at, d.order_time, d.not_before, b.body
         FROM delivery d JOIN event_body b ON b.delivery = d.id
         WHERE d.state = 1 AND d.destination = ?1 AND d.lane = ?2 AND d.not_before <= ?3
         ORDER BY {order} LIMIT ?4",
    ))?;
    let mut rows = select.query((destination, lane, due.now.get(), limit))?;
    let mut claimed = Vec::new();
    while let Some(row) = rows.next()? {
        let source: i64 = row.get(1)?;
        let name: i64 = row.get(2)?;
        let received_at: i64 = row.get(7)?;
        let not_before: i64 = row.get(9)?;
        let first: Option<i64> = row.get(5)?;
        let idle: Option<i64> = row.get(6)?;
        let body = row.get_ref(10)?.as_blob()?;
        let delivery = Claimed {
            id: DeliveryId::new(row.get(0)?),
            claim: due.claim,
            source: work.labels.text(work.conn, source)?.to_string(),
            event_name: work.labels.text(work.conn, name)?.to_string(),
            event_id: row.get(3)?,
            body: Private::new(Bytes::copy_from_slice(body)),
            attempts: row.get(4)?,
            first_attempt: first.map(|at| FirstAttempt {
                at: Millis::new(at),
                idle: millis(idle.unwrap_or_default()),
            }),
            received_at: Millis::new(received_at),
            order_time: Millis::new(row.get(8)?),
            due_at: Millis::new(received_at.max(not_before)),
        };
        claimed.push((delivery, source));
    }
    Ok(claimed)
}

/// A stored length of time.
pub(super) fn millis(number: i64) -> Duration {
    Duration::from_millis(u64::try_from(number).unwrap_or_default())
}

/// What was held for long enough waits in the fresh lane, at the place where it came in.
fn end_holds(work: &mut Work<'_>, destination: i64, now: Millis, limit: i64) -> Sql<()> {
    let mut select = work.conn.prepare_cached(
        "SELECT id, source FROM delivery WHERE state = 0 AND destination = ?1 AND not_before <= ?2
         ORDER BY not_before LIMIT ?3",
    )?;
    let rows = select.query_map((destination, now.get(), limit), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let ended = rows.collect::<Sql<Vec<(i64, i64)>>>()?;
    for (id, source) in ended {
        work.conn
            .prepare_cached("UPDATE delivery SET state = 1, not_before = 0 WHERE id = ?1")?
            .execute([id])?;
        let kind = |state| Kind {
            source,
            destination,
            state,
            reason: 0,
        };
        work.tally.shift(kind(HELD), kind(PENDING));
    }
    Ok(())
}

/// Takes back deliveries whose sender vanished. Nobody knows whether they arrived: the attempt
/// counts, and they are sent again with the same bytes.
fn take_back(work: &mut Work<'_>, now: Millis) -> Sql<()> {
    let mut select = work.conn.prepare_cached(
        "SELECT id, source, destination, tries FROM delivery
         WHERE state = 2 AND lease_until <= ?1 LIMIT ?2",
    )?;
    let rows = select.query_map((now.get(), TAKEN_BACK), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let expired = rows.collect::<Sql<Vec<(i64, i64, i64, i64)>>>()?;
    for (id, source, destination, tries) in expired {
        let idle = destination::read(work.conn, work.labels, destination)?.idle(now);
        work.conn
            .prepare_cached(
                "UPDATE delivery SET state = 1, lane = 1, not_before = 0, replaceable = 0,
                 attempts = attempts + 1, tries = tries + 1, claim = NULL, lease_until = NULL,
                 first_idle = coalesce(first_idle, iif(first_at IS NULL, ?3, 0)),
                 first_at = coalesce(first_at, ?2) WHERE id = ?1",
            )?
            .execute((
                id,
                now.get(),
                i64::try_from(idle.as_millis()).unwrap_or(i64::MAX),
            ))?;
        work.conn
            .prepare_cached("INSERT INTO attempt VALUES (?1, ?2, ?3, 0, ?4, NULL, NULL)")?
            .execute((
                id,
                tries + 1,
                now.get(),
                class_code(AttemptClass::Abandoned),
            ))?;
        let kind = |state| Kind {
            source,
            destination,
            state,
            reason: 0,
        };
        work.tally.shift(kind(SENDING), kind(PENDING));
    }
    Ok(())
}

/// Ends the leases of a process that is gone: nobody else can hold any.
pub(super) fn end_leases(work: &mut Work<'_>) -> Sql<()> {
    work.conn
        .execute("UPDATE delivery SET lease_until = 0 WHERE state = 2", ())?;
    Ok(())
}

/// Prolongs leases of one claim.
pub(super) fn renew(
    work: &mut Work<'_>,
    claim: &ClaimId,
    deliveries: &[DeliveryId],
    until: Millis,
) -> Sql<Vec<DeliveryId>> {
    let mut update = work.conn.prepare_cached(
        "UPDATE delivery SET lease_until = ?3 WHERE id = ?1 AND claim = ?2 AND state = 2",
    )?;
    let mut ours = Vec::new();
    for id in deliveries {
        if update.execute((id.get(), claim.as_bytes(), until.get()))? > 0 {
            ours.push(*id);
        }
    }
    Ok(ours)
}

/// When a claim could give something.
pub(super) fn next_due(view: &mut View, destination: &str) -> Sql<Option<Millis>> {
    let Some(destination) = view.labels.known(&view.conn, destination)? else {
        return Ok(None);
    };
    // Each part is the first entry of an index.
    let due: Option<i64> = view
        .conn
        .prepare_cached(
            "SELECT min(due) FROM (
             SELECT * FROM (SELECT not_before AS due FROM delivery
                 WHERE state = 0 AND destination = ?1 ORDER BY not_before LIMIT 1)
             UNION ALL SELECT * FROM (SELECT not_before FROM delivery
                 WHERE state = 1 AND destination = ?1 AND lane = 0 ORDER BY not_before LIMIT 1)
             UNION ALL SELECT * FROM (SELECT not_before FROM delivery
                 WHERE state = 1 AND destination = ?1 AND lane = 1 ORDER BY not_before LIMIT 1)
             UNION ALL SELECT * FROM (SELECT lease_until FROM delivery
                 WHERE state = 2 ORDER BY lease_until LIMIT 1))",
        )?
        .query_row([destination], |row| row.get(0))?;
    Ok(due.map(Millis::new))
}
