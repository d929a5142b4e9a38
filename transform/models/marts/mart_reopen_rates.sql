-- One row per segment: how many resolved tickets were opened again, as far as the syncs saw.

with

tickets as (

    select * from {{ ref('fct_ticket_resolution') }} where first_resolved_at is not null

),

counted as (

    select
        case
            when grouping(carrier) = 0 then 'carrier'
            when grouping(ticket_type) = 0 then 'ticket_type'
            else 'all'
        end as segment_type,
        coalesce(carrier, ticket_type, 'all') as segment,
        count(*) as resolved,
        sum(case when count_reopens > 0 then 1 else 0 end) as reopened,
        sum(case when count_reopens > 0 and not is_resolved then 1 else 0 end) as reopened_and_open
    from tickets
    group by grouping sets ((), (carrier), (ticket_type))

),

reopen_rates as (

    select
        segment_type,
        segment,
        resolved,
        cast(coalesce(reopened, 0) as bigint) as reopened,
        cast(coalesce(reopened_and_open, 0) as bigint) as reopened_and_open,
        {{ ratio('reopened', 'resolved') }} as reopen_rate,
        {{ wilson('reopened', 'resolved', '-') }} as reopen_rate_lo,
        {{ wilson('reopened', 'resolved', '+') }} as reopen_rate_hi
    from counted
    where resolved > 0

)

select * from reopen_rates
