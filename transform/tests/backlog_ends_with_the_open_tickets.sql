-- Carriers, types and whom they wait for (and how old), where the last day's backlog is not the open tickets; and
-- where all that ever came and went is not every ticket's openings and resolutions.

with

as_of as (

    select {{ day_of('as_of') }} as last_day from {{ ref('stg_as_of') }}

),

backlog as (

    select
        backlog.carrier,
        backlog.ticket_type,
        sum(case when backlog.date_day = as_of.last_day then backlog.open_at_end else 0 end) as open_tickets,
        sum(case
            when backlog.date_day = as_of.last_day and backlog.waiting_on = 'merchant'
                then backlog.open_at_end
            else 0
        end) as with_merchant,
        sum(case when backlog.date_day = as_of.last_day then backlog.open_over_30d else 0 end) as over_30d,
        sum(backlog.opened) as opened,
        sum(backlog.reopened) as reopened,
        sum(backlog.resolved) as resolved
    from {{ ref('fct_daily_backlog') }} as backlog
    cross join as_of
    group by backlog.carrier, backlog.ticket_type

),

tickets as (

    select
        carrier,
        ticket_type,
        sum(case when is_open then 1 else 0 end) as open_tickets,
        sum(case when is_open and waiting_on = 'merchant' then 1 else 0 end) as with_merchant,
        sum(case when is_open and last_seen_at >= {{ plus_days('created_at', 30) }} then 1 else 0 end)
            as over_30d,
        count(*) as opened,
        sum(count_reopens) as reopened,
        sum(count_resolutions) as resolved
    from {{ ref('fct_ticket_resolution') }}
    group by carrier, ticket_type

)

select tickets.*, backlog.open_tickets as backlog_open_tickets
from tickets
left join backlog
    on tickets.carrier = backlog.carrier and tickets.ticket_type = backlog.ticket_type
where backlog.carrier is null
    or backlog.open_tickets <> tickets.open_tickets
    or backlog.with_merchant <> tickets.with_merchant
    or backlog.over_30d <> tickets.over_30d
    or backlog.opened <> tickets.opened
    or backlog.reopened <> tickets.reopened
    or backlog.resolved <> tickets.resolved
