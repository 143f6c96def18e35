//! What every store has to do: named cases that run on any of them, and a model to compare with.
//!
//! A case is given a [`Bench`], which opens the same store again and again. Dropping a store
//! without closing it is the gentle kind of crash.

#![expect(
    clippy::assigning_clones,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a case fails by a panic, like any test"
)]

mod accept;
mod claim;
mod command;
mod destination;
mod failure;
mod fetch;
mod history;
mod hold;
mod list;
pub mod make;
mod model;
mod privacy;
mod retention;
mod settle;
mod steps;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;

use super::Store;

pub use model::Model;
pub use steps::{Step, Then, walk};

/// Where a store under test lives.
#[async_trait]
pub trait Bench: Send + Sync {
    /// Opens the store; the second time, what the first left.
    async fn open(&self) -> Box<dyn Store>;

    /// Makes the next commit fail: before it, or after it and before anybody knows.
    fn fail_commit(&self, done: bool);

    /// All bytes that the store keeps anywhere, free space and journals included.
    fn all_bytes(&self) -> Vec<u8>;
}

type Running<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// One case.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// Runs it on a new bench.
    pub run: for<'a> fn(&'a dyn Bench) -> Running<'a>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

macro_rules! cases {
    ($($module:ident { $($name:ident)* })*) => {
        /// All cases.
        pub fn cases() -> Vec<Case> {
            vec![$($(Case {
                name: concat!(stringify!($module), "::", stringify!($name)),
                run: |bench| Box::pin($module::$name(bench)),
            },)*)*]
        }
    };
}

cases! {
    accept {
        what_was_accepted_is_there_after_a_crash
        the_same_delivery_id_is_stored_once
        the_same_event_is_sent_once
        the_same_id_under_another_name_or_destination_is_another_event
        the_same_key_twice_in_one_payload_is_one_event
        other_bytes_under_a_known_key_are_a_visible_conflict
        a_conflict_can_be_parked_or_sent
        what_two_sources_tell_is_one_event_whoever_comes_first
        the_cursor_moves_with_its_page
        an_ignored_payload_is_kept_with_its_reason
        an_unmappable_payload_is_parked_with_code_and_path
        a_rule_drops_and_the_drop_can_be_undone
        what_makes_no_event_is_stored_once_without_a_delivery_id
        one_id_under_two_names_is_remarked
        many_at_once_are_all_answered
        nothing_private_is_printed
    }
    hold {
        a_held_event_waits
        a_newer_version_replaces_what_is_held
        an_older_version_changes_nothing
        without_a_time_of_its_own_nothing_is_replaced
        an_attempt_freezes_the_bytes
        what_was_given_back_untried_can_still_be_replaced
        a_rule_decides_anew_until_somebody_has_seen_the_event
        what_a_person_dropped_stays_dropped
    }
    claim {
        gives_the_oldest_first_and_never_twice
        keeps_lanes_and_destinations_apart
        a_lease_that_ran_out_is_taken_back_and_counts
        a_former_owner_can_change_nothing
        renewing_keeps_a_lease_and_only_ours
        a_restart_gives_back_what_was_being_sent
        a_clock_that_is_set_back_delays_nothing_new
        tells_when_there_is_work
        many_claimers_share_without_overlap
    }
    settle {
        a_delivered_event_is_done_for_good
        a_retry_waits_in_the_retry_lane
        a_parked_event_keeps_its_answer
        held_back_and_released_spend_nothing
        a_batch_settles_what_it_can
        an_answer_is_kept_to_500_characters
        the_first_attempt_is_remembered
    }
    destination {
        a_pause_outlives_a_restart_and_stops_claims
        a_probe_is_taken_from_either_end
        changes_do_not_overwrite_each_other
        a_persons_pause_takes_the_place_of_any_other
        a_wait_that_was_asked_for_makes_nothing_older
        a_not_before_holds_for_everybody
    }
    list {
        pages_hold_each_item_once_in_both_directions
        every_condition_of_a_filter_counts
        shows_all_there_is
        the_oldest_that_waits_is_told_whatever_its_next_attempt
        counts_follow_every_change
    }
    command {
        retry_sends_parked_ones_again
        retry_sends_delivered_ones_only_when_told
        drop_gives_up_and_leaves_the_rest
        commands_go_on_where_they_ended
        a_new_mapping_takes_the_place_of_the_old
        a_new_mapping_is_told_what_the_old_one_was
    }
    privacy {
        redaction_leaves_no_plain_value_anywhere
        everything_about_a_person_is_found
        redaction_of_a_source_leaves_the_others
        what_was_redacted_does_not_come_back
        a_request_stays_open_until_it_is_done
        a_pending_event_that_is_redacted_is_not_sent
    }
    fetch {
        it_is_open_until_it_is_settled
        it_is_seen_and_keeps_its_body_while_it_is_open
    }
    history {
        a_refund_finds_its_order
        refunds_are_told_in_the_order_they_came
        a_customer_is_new_once
        nothing_is_said_of_what_nobody_knows
    }
    retention {
        erases_what_is_done_and_keeps_the_keys
        keeps_what_is_not_done
        goes_on_where_it_ended
    }
    failure {
        a_commit_that_failed_leaves_nothing_and_the_next_works
        a_commit_of_unknown_outcome_is_absorbed_by_a_repetition
        a_claim_and_a_settlement_survive_a_failed_commit
        the_sum_adds_up_after_everything
    }
}
