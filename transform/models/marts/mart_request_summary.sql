-- One row per data type asked for, and 'all': how long requests stay outstanding.
-- Kaplan-Meier with late entry: a request that was old when first seen counts from that age on.
-- The end of a request lies between two sights; its middle is taken. To the second: documents come
-- within the hour, and syncs lie minutes apart.

with

requests as (

    select * from {{ ref('fct_requested_actions') }}

),

timed as (

    select
        data_type,
        {{ seconds_between('created_at', 'first_seen_at') }} as entry_age,
        cast(floor((
            {{ seconds_between('created_at', 'last_seen_at') }}
            + {{ seconds_between('created_at', 'coalesce(first_missing_at, last_seen_at)') }}
        ) / 2.0) as bigint) as exit_age,
        first_missing_at is not null as is_event,
        is_outstanding,
        age_minutes
    from requests

),

lives as (

    select 'data_type' as segment_type, data_type as segment, timed.* from timed

    union all

    select 'all' as segment_type, 'all' as segment, timed.* from timed

),

counts as (

    select
        segment_type,
        segment,
        count(*) as requests,
        sum(case when is_event then 1 else 0 end) as met,
        sum(case when is_outstanding then 1 else 0 end) as outstanding,
        max(case when is_outstanding then age_minutes end) as oldest_outstanding_minutes
    from lives
    group by segment_type, segment

),

{{ late_entry_curves() }},

quantiles as (

    select
        segment_type,
        segment,
        min(case when survival <= 0.50 + {{ tolerance() }} then age end) / 3600.0 as median_hours,
        min(case when survival_lo <= 0.50 + {{ tolerance() }} then age end) / 3600.0 as median_hours_lo,
        min(case when survival_hi <= 0.50 + {{ tolerance() }} then age end) / 3600.0 as median_hours_hi,
        min(case when survival <= 0.25 + {{ tolerance() }} then age end) / 3600.0 as p75_hours,
        min(case when survival <= 0.10 + {{ tolerance() }} then age end) / 3600.0 as p90_hours
    from curves
    group by segment_type, segment

),

request_summary as (

    select
        counts.segment as data_type,
        counts.requests,
        cast(counts.met as bigint) as met,
        cast(counts.outstanding as bigint) as outstanding,
        counts.oldest_outstanding_minutes,
        {% for column in ['median_hours', 'median_hours_lo', 'median_hours_hi', 'p75_hours', 'p90_hours'] -%}
        cast(quantiles.{{ column }} as double precision) as {{ column }},
        {% endfor -%}
        counts.requests < {{ few() }} as is_small
    from counts
    left join quantiles
        on counts.segment_type = quantiles.segment_type and counts.segment = quantiles.segment

)

select * from request_summary
