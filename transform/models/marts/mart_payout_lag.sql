-- One row per segment: how long claims take from creation to their first approval. Of all approvals
-- that come within the time observed, half have come within half_hours, nine tenths within
-- ninety_percent_hours. Young tickets count as far as they were followed, so a recent month does not
-- look fast; a ticket that ended otherwise can no longer be approved (Aalen-Johansen).

with

tickets as (

    select
        carrier,
        ticket_type,
        first_approved_at is not null as is_approved,
        first_resolved_at is not null or first_approved_at is not null as is_done,
        case
            when first_approved_at is not null
                then {{ nearest_hours(seconds_between('created_at', 'first_approved_at')) }}
            else {{ nearest_hours('duration_seconds') }}
        end as hours
    from {{ ref('fct_ticket_resolution') }}

),

exits as (

    select
        case
            when grouping(carrier) = 0 then 'carrier'
            when grouping(ticket_type) = 0 then 'ticket_type'
            else 'all'
        end as segment_type,
        coalesce(carrier, ticket_type, 'all') as segment,
        hours,
        count(*) as tickets,
        sum(case when is_done then 1 else 0 end) as n_done,
        sum(case when is_approved then 1 else 0 end) as n_approved
    from tickets
    group by grouping sets ((hours), (carrier, hours), (ticket_type, hours))

),

at_risk as (

    select
        exits.*,
        sum(tickets) over (
            partition by segment_type, segment order by hours rows between current row and unbounded following
        ) as n_risk
    from exits

),

survival as (

    select
        at_risk.*,
        sum(case when n_done < n_risk then ln(1.0 - {{ ratio('n_done', 'n_risk') }}) else 0 end) over (
            partition by segment_type, segment order by hours rows unbounded preceding
        ) as log_survival
    from at_risk

),

incidence as (

    select
        segment_type,
        segment,
        hours,
        n_approved,
        sum(
            exp(lag_log_survival) * {{ ratio('n_approved', 'n_risk') }}
        ) over (partition by segment_type, segment order by hours rows unbounded preceding) as incidence
    from (
        select
            survival.*,
            coalesce(
                {{ value_before('log_survival') }} over (partition by segment_type, segment order by hours), 0
            ) as lag_log_survival
        from survival
    ) as stepped

),

final as (

    select
        segment_type,
        segment,
        sum(n_approved) as approvals,
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
            as ninety_percent_hours,
        max(final.approvals) < {{ few() }} as is_small
    from incidence
    inner join final
        on incidence.segment_type = final.segment_type and incidence.segment = final.segment
    where final.approvals > 0
    group by incidence.segment_type, incidence.segment

)

select * from payout_lag
