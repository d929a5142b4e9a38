-- One row per party that open tickets wait for: how many have not changed for 7, 14 and 30 days. Counted
-- by the shorter bound: so long at least nothing has changed.

with

tickets as (

    select * from {{ ref('fct_open_tickets') }}

),

standing_still as (

    select
        waiting_on,
        count(*) as open_tickets,
        {% for days in [7, 14, 30] -%}
        cast(sum(case when unchanged_minutes_min >= {{ days * 1440 }} then 1 else 0 end) as bigint)
            as unchanged_{{ days }}d,
        cast(sum(case when unchanged_minutes_max >= {{ days * 1440 }} then 1 else 0 end) as bigint)
            as unchanged_{{ days }}d_at_most,
        {% endfor -%}
        max(unchanged_minutes_min) as longest_unchanged_minutes,
        {{ percentile('cast(status_minutes as double precision)', 0.5) }} / 1440
            as median_status_days,
        cast(sum(case when is_status_watched then 0 else 1 end) as bigint) as status_not_watched,
        count(*) < {{ few() }} as is_small
    from tickets
    group by waiting_on

)

select * from standing_still
