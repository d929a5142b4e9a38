-- One row per segment and who tickets wait for: days open, and their share of all days open. Open
-- tickets count with the days they were followed, so nothing is left out for not being resolved.
-- Only tickets whose history was seen from the start.

with

tickets as (

    select * from {{ ref('fct_ticket_resolution') }} where history_is_complete

),

summed as (

    select
        case
            when grouping(carrier) = 0 then 'carrier'
            when grouping(ticket_type) = 0 then 'ticket_type'
            else 'all'
        end as segment_type,
        coalesce(carrier, ticket_type, 'all') as segment,
        count(*) as tickets,
        sum(carrier_wait_minutes) as carrier_minutes,
        sum(merchant_wait_minutes) as merchant_minutes,
        sum(sendcloud_work_minutes) as sendcloud_minutes,
        sum(unknown_wait_minutes) as unknown_minutes
    from tickets
    group by grouping sets ((), (carrier), (ticket_type))

),

listed as (

    select segment_type, segment, tickets, 'carrier' as waiting_on, carrier_minutes as minutes
    from summed

    union all

    select segment_type, segment, tickets, 'merchant' as waiting_on, merchant_minutes as minutes
    from summed

    union all

    select segment_type, segment, tickets, 'sendcloud' as waiting_on, sendcloud_minutes as minutes
    from summed

    union all

    select segment_type, segment, tickets, 'unknown' as waiting_on, unknown_minutes as minutes
    from summed

),

waiting_shares as (

    select
        segment_type,
        segment,
        waiting_on,
        cast(tickets as bigint) as tickets,
        cast(minutes as bigint) as waiting_minutes,
        {{ ratio('minutes', 'tickets') }} / 1440 as mean_waiting_days,
        {{ ratio('minutes', 'sum(minutes) over (partition by segment_type, segment)') }} as waiting_share
    from listed
    where tickets > 0

)

select * from waiting_shares
