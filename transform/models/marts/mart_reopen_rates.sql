-- One row per segment: the chance that a resolved ticket is opened again. Kaplan-Meier from closings that
-- a sync saw, up to the age at which ten of them are still followed: what closed before the first sync,
-- or an hour ago, says little about reopening.

with

closings as (

    select
        carrier,
        ticket_type,
        is_watched,
        count_reopens,
        is_resolved,
        0 as entry_age,
        greatest(0, {{ nearest_hours(seconds_between(
            'first_resolved_at', 'greatest(first_resolved_at, coalesce(first_reopened_at, last_seen_at))'
        )) }}) as exit_age,
        first_reopened_at is not null as is_event
    from {{ ref('fct_ticket_resolution') }}
    where first_resolved_at is not null

),

segmented as (

    select 'all' as segment_type, 'all' as segment, closings.* from closings

    union all

    select 'carrier' as segment_type, carrier as segment, closings.* from closings

    union all

    select 'ticket_type' as segment_type, ticket_type as segment, closings.* from closings

),

lives as (

    select segment_type, segment, entry_age, exit_age, is_event from segmented where is_watched

),

counted as (

    select
        segment_type,
        segment,
        count(*) as resolved,
        sum(case when is_watched then 1 else 0 end) as watched,
        sum(case when is_watched and count_reopens > 0 then 1 else 0 end) as reopened,
        sum(case when count_reopens > 0 and not is_resolved then 1 else 0 end) as reopened_and_open
    from segmented
    group by segment_type, segment

),

{{ late_entry_curves() }},

followed as (

    select segment_type, segment, max(age) as hours
    from curves
    where n_risk >= {{ enough_at_risk() }}
    group by segment_type, segment

),

-- where nobody was reopened, Wilson's bound over those still followed at the end
ends as (

    select
        curves.segment_type,
        curves.segment,
        followed.hours,
        max(1 - curves.survival) as rate,
        max(1 - curves.survival_hi) as rate_lo,
        max(1 - curves.survival_lo) as rate_hi,
        min(curves.n_risk) as n_risk
    from curves
    inner join followed on curves.segment_type = followed.segment_type and curves.segment = followed.segment
    where curves.age <= followed.hours
    group by curves.segment_type, curves.segment, followed.hours

),

reopen_rates as (

    select
        counted.segment_type,
        counted.segment,
        counted.resolved,
        cast(counted.watched as bigint) as watched,
        cast(counted.reopened as bigint) as reopened,
        cast(counted.reopened_and_open as bigint) as reopened_and_open,
        ends.rate as reopen_rate,
        case when ends.rate > 0 then ends.rate_lo when ends.rate = 0 then 0 end as reopen_rate_lo,
        case when ends.rate > 0 then ends.rate_hi when ends.rate = 0 then {{ wilson('0', 'ends.n_risk', '+') }} end
            as reopen_rate_hi,
        ends.hours / cast(24 as double precision) as followed_days,
        counted.watched < {{ few() }} as is_small
    from counted
    left join ends on counted.segment_type = ends.segment_type and counted.segment = ends.segment

)

select * from reopen_rates
