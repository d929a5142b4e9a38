-- Days on which the open tickets are not those of the day before, with what came and without what
-- went; or with more old tickets than tickets. Moves cancel out over all whom tickets wait for.

with

backlog as (

    select
        *,
        lag(open_at_end, 1, cast(0 as bigint)) over (
            partition by carrier, ticket_type, waiting_on order by date_day
        ) as open_before
    from {{ ref('fct_daily_backlog') }}

),

days as (

    select date_day, carrier, ticket_type, sum(moved_in) - sum(moved_out) as moved
    from backlog
    group by date_day, carrier, ticket_type

)

select backlog.date_day, backlog.carrier, backlog.ticket_type, backlog.waiting_on
from backlog
inner join days
    on backlog.date_day = days.date_day
    and backlog.carrier = days.carrier
    and backlog.ticket_type = days.ticket_type
where backlog.open_at_end <> backlog.open_before + backlog.opened + backlog.reopened
    + backlog.moved_in - backlog.resolved - backlog.moved_out - backlog.vanished
    or days.moved <> 0
    or backlog.open_at_end < backlog.open_over_7d
    or backlog.open_over_7d < backlog.open_over_14d
    or backlog.open_over_14d < backlog.open_over_30d
    or backlog.open_over_30d < 0
    or (backlog.open_at_end = 0 and backlog.open_age_days <> 0)
