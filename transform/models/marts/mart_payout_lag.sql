-- One row per segment: how long claims take from creation to approval. Of all approvals that come
-- within the time observed, half have come after half_hours, nine tenths after ninety_percent_hours.
-- Young tickets count as far as they were followed, so a recent month does not look fast.

with

incidence as (

    select * from {{ ref('mart_outcome_incidence') }} where outcome_group = 'claim_approved'

),

final as (

    select
        segment_type,
        segment,
        sum(n_event) as approvals,
        max(incidence) as incidence
    from incidence
    group by segment_type, segment

),

payout_lag as (

    select
        incidence.segment_type,
        incidence.segment,
        cast(max(final.approvals) as bigint) as approvals,
        max(final.incidence) as approved_share,
        min(case when incidence.incidence >= 0.5 * final.incidence - {{ tolerance() }} then hours end)
            as half_hours,
        min(case when incidence.incidence >= 0.9 * final.incidence - {{ tolerance() }} then hours end)
            as ninety_percent_hours
    from incidence
    inner join final
        on incidence.segment_type = final.segment_type and incidence.segment = final.segment
    where final.approvals > 0
    group by incidence.segment_type, incidence.segment

)

select * from payout_lag
