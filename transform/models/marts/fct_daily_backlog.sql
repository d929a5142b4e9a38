-- One row per day, carrier, ticket type and who the tickets wait for, from the first ticket of that
-- combination (or ten years back) to the as-of day. open_at_end = the day before's + opened + reopened
-- + moved_in - resolved - moved_out - vanished; the moves cancel out over all waiting_on. A ticket is
-- as old as at its last sight, here as in fct_ticket_resolution.
{% set so_far = 'partition by days.carrier, days.ticket_type, days.waiting_on order by days.date_day rows unbounded preceding' %}

with

open_spans as (

    select * from {{ ref('int_open_spans') }}

),

tickets as (

    select ticket_id, carrier, ticket_type, created_at, last_seen_at from {{ ref('stg_tickets') }}

),

as_of as (

    select as_of, {{ first_day('as_of') }} as first_day from {{ ref('stg_as_of') }}

),

spans as {{ materialized() }} (

    select
        tickets.carrier,
        tickets.ticket_type,
        open_spans.waiting_on,
        tickets.created_at,
        {{ day_number(day_of('tickets.created_at')) }} as created_day,
        tickets.last_seen_at,
        open_spans.enters,
        open_spans.leaves,
        open_spans.starts_run,
        open_spans.ends_run,
        open_spans.run_no,
        open_spans.ends_at is null and open_spans.vanished_at is not null as vanishes,
        open_spans.starts_at,
        coalesce(open_spans.ends_at, open_spans.vanished_at) as ends_at,
        as_of.first_day
    from open_spans
    inner join tickets on open_spans.ticket_id = tickets.ticket_id
    cross join as_of

),

events as (

    select
        {{ greatest_known(day_of('starts_at'), 'first_day') }} as date_day,
        carrier,
        ticket_type,
        waiting_on,
        sum(case when starts_run and run_no = 1 then 1 else 0 end) as opened,
        sum(case when starts_run and run_no > 1 then 1 else 0 end) as reopened,
        sum(case when starts_run then 0 else 1 end) as moved_in,
        0 as resolved,
        0 as moved_out,
        0 as vanished,
        0 as over_7d,
        0 as over_14d,
        0 as over_30d,
        cast(count(*) as bigint) as open_change,
        cast(sum(created_day) as bigint) as created_day_change
    from spans
    where enters
    group by 1, 2, 3, 4

    union all

    select
        {{ greatest_known(day_of('ends_at'), 'first_day') }} as date_day,
        carrier,
        ticket_type,
        waiting_on,
        0 as opened,
        0 as reopened,
        0 as moved_in,
        sum(case when ends_run then 1 else 0 end) as resolved,
        sum(case when ends_run or vanishes then 0 else 1 end) as moved_out,
        sum(case when vanishes then 1 else 0 end) as vanished,
        0 as over_7d,
        0 as over_14d,
        0 as over_30d,
        cast(-count(*) as bigint) as open_change,
        cast(-sum(created_day) as bigint) as created_day_change
    from spans
    where ends_at is not null and leaves
    group by 1, 2, 3, 4
    {% for days in [7, 14, 30] %}
    union all

    select
        {{ greatest_known(day_of(greatest_known('starts_at', plus_days('created_at', days))), 'first_day') }}
            as date_day,
        carrier,
        ticket_type,
        waiting_on,
        0, 0, 0, 0, 0, 0,
        {% for other in [7, 14, 30] %}{{ 'cast(count(*) as bigint)' if other == days else '0' }}, {% endfor %}
        0, 0
    from spans
    where {{ plus_days('created_at', days) }} <= last_seen_at
        and (ends_at is null or ends_at > {{ plus_days('created_at', days) }})
    group by 1, 2, 3, 4

    union all

    select
        {{ greatest_known(day_of('ends_at'), 'first_day') }} as date_day,
        carrier,
        ticket_type,
        waiting_on,
        0, 0, 0, 0, 0, 0,
        {% for other in [7, 14, 30] %}{{ 'cast(-count(*) as bigint)' if other == days else '0' }}, {% endfor %}
        0, 0
    from spans
    where {{ plus_days('created_at', days) }} <= last_seen_at
        and ends_at > {{ plus_days('created_at', days) }}
    group by 1, 2, 3, 4
    {% endfor %}

),

starts as (

    select carrier, ticket_type, waiting_on, min(date_day) as first_day
    from events
    group by carrier, ticket_type, waiting_on

),

days as (

    select
        starts.carrier,
        starts.ticket_type,
        starts.waiting_on,
        {{ as_day(plus_days('starts.first_day', series_number())) }} as date_day
    from starts
    cross join as_of
    {{ cross_join_numbers(day_number(day_of('as_of.as_of')) ~ ' - ' ~ day_number('starts.first_day')) }}

),

changes as (

    select
        date_day,
        carrier,
        ticket_type,
        waiting_on,
        sum(opened) as opened,
        sum(reopened) as reopened,
        sum(moved_in) as moved_in,
        sum(resolved) as resolved,
        sum(moved_out) as moved_out,
        sum(vanished) as vanished,
        sum(over_7d) as over_7d,
        sum(over_14d) as over_14d,
        sum(over_30d) as over_30d,
        sum(open_change) as open_change,
        sum(created_day_change) as created_day_change
    from events
    group by date_day, carrier, ticket_type, waiting_on

),

running as (

    select
        days.date_day,
        days.carrier,
        days.ticket_type,
        days.waiting_on,
        coalesce(changes.opened, 0) as opened,
        coalesce(changes.reopened, 0) as reopened,
        coalesce(changes.moved_in, 0) as moved_in,
        coalesce(changes.resolved, 0) as resolved,
        coalesce(changes.moved_out, 0) as moved_out,
        coalesce(changes.vanished, 0) as vanished,
        sum(coalesce(changes.open_change, 0)) over ({{ so_far }}) as open_at_end,
        sum(coalesce(changes.over_7d, 0)) over ({{ so_far }}) as open_over_7d,
        sum(coalesce(changes.over_14d, 0)) over ({{ so_far }}) as open_over_14d,
        sum(coalesce(changes.over_30d, 0)) over ({{ so_far }}) as open_over_30d,
        sum(coalesce(changes.created_day_change, 0)) over ({{ so_far }}) as created_days
    from days
    left join changes
        on days.date_day = changes.date_day
        and days.carrier = changes.carrier
        and days.ticket_type = changes.ticket_type
        and days.waiting_on = changes.waiting_on

),

daily_backlog as (

    select
        date_day,
        carrier,
        ticket_type,
        waiting_on,
        {% for column in [
            'opened', 'reopened', 'moved_in', 'resolved', 'moved_out', 'vanished',
            'open_at_end', 'open_over_7d', 'open_over_14d', 'open_over_30d'
        ] -%}
        cast({{ column }} as bigint) as {{ column }},
        {% endfor -%}
        cast(open_at_end * {{ day_number('date_day') }} - created_days as bigint) as open_age_days,
        '{{ var("finance_timezone") }}' as time_zone
    from running

)

select * from daily_backlog
