-- One row per data type asked for, and 'all': how long requests stay outstanding.
-- Kaplan-Meier with late entry: a request that was old when first seen counts from that age on.
-- The end of a request lies between two sights; its middle is taken.

with

requests as (

    select * from {{ ref('fct_requested_actions') }}

),

timed as (

    select
        data_type,
        {{ nearest_hours(seconds_between('created_at', 'greatest(first_seen_at, created_at)')) }} as entry_hours,
        {{ nearest_hours(
            '(' ~ seconds_between('created_at', 'last_seen_at') ~ ' + '
            ~ seconds_between('created_at', 'coalesce(first_missing_at, last_seen_at)') ~ ') / 2.0'
        ) }} as exit_hours,
        first_missing_at is not null as is_met,
        is_outstanding,
        age_minutes
    from requests

),

segments as (

    select data_type as segment, timed.* from timed

    union all

    select 'all' as segment, timed.* from timed

),

counts as (

    select
        segment,
        count(*) as requests,
        sum(case when is_met then 1 else 0 end) as met,
        sum(case when is_outstanding then 1 else 0 end) as outstanding,
        max(case when is_outstanding then age_minutes end) as oldest_outstanding_minutes
    from segments
    group by segment

),

-- who enters at an hour is at risk from the next hour on, unless it is there from the start
changes as (

    select
        segment,
        case when entry_hours = 0 then -1 else entry_hours end as hours,
        1 as entries,
        0 as exits,
        0 as events
    from segments

    union all

    select
        segment,
        greatest(exit_hours, entry_hours) as hours,
        0 as entries,
        1 as exits,
        case when is_met then 1 else 0 end as events
    from segments

),

by_hour as (

    select
        segment,
        hours,
        sum(entries) as entries,
        sum(exits) as exits,
        sum(events) as events
    from changes
    group by segment, hours

),

at_risk as (

    select
        by_hour.*,
        sum(entries - exits) over (partition by segment order by hours rows unbounded preceding)
        - entries + exits as n_risk
    from by_hour

),

products as (

    select
        segment,
        hours,
        sum(case when events > 0 and events < n_risk then ln(1.0 - {{ ratio('events', 'n_risk') }}) else 0 end)
            over so_far as log_survival,
        sum(
            case
                when events > 0 and events < n_risk
                    then cast(events as double precision)
                        / (cast(n_risk as double precision) * (n_risk - events))
                else 0
            end
        ) over so_far as greenwood,
        max(case when events > 0 and events >= n_risk then 1 else 0 end) over so_far as is_exhausted
    from at_risk
    where hours >= 0
    window so_far as (partition by segment order by hours rows unbounded preceding)

),

curves as (

    select
        segment,
        hours,
        case when is_exhausted = 1 then 0 else exp(log_survival) end as survival,
        case when is_exhausted = 0 then {{ log_log_bound('log_survival', 'greenwood', '+') }} end as survival_lo,
        case when is_exhausted = 0 then {{ log_log_bound('log_survival', 'greenwood', '-') }} end as survival_hi
    from products

),

quantiles as (

    select
        segment,
        min(case when survival <= 0.50 + {{ tolerance() }} then hours end) as median_hours,
        min(case when survival_lo <= 0.50 + {{ tolerance() }} then hours end) as median_hours_lo,
        min(case when survival_hi <= 0.50 + {{ tolerance() }} then hours end) as median_hours_hi,
        min(case when survival <= 0.25 + {{ tolerance() }} then hours end) as p75_hours,
        min(case when survival <= 0.10 + {{ tolerance() }} then hours end) as p90_hours
    from curves
    group by segment

),

request_summary as (

    select
        counts.segment as data_type,
        counts.requests,
        cast(counts.met as bigint) as met,
        cast(counts.outstanding as bigint) as outstanding,
        counts.oldest_outstanding_minutes,
        quantiles.median_hours,
        quantiles.median_hours_lo,
        quantiles.median_hours_hi,
        quantiles.p75_hours,
        quantiles.p90_hours
    from counts
    left join quantiles on counts.segment = quantiles.segment

)

select * from request_summary
