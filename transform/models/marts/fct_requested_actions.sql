-- One row per document or information asked for, and how it ended: met while its ticket went on, closed
-- with the ticket, or withdrawn with a ticket that vanished. An end lies after last_seen_at and not later
-- than first_missing_at. What is outstanding took at least its age.

with

requests as (

    select * from {{ ref('stg_requested_actions') }}

),

tickets as (

    select * from {{ ref('fct_ticket_resolution') }}

),

open_spans as (

    select * from {{ ref('int_open_spans') }}

),

-- whether the ticket was open at the sight that missed the request, and when it had closed if not
missed as (

    select
        requests.ticket_id,
        requests.request_id,
        max(
            case
                when open_spans.starts_at <= requests.first_missing_at
                    and (open_spans.ends_at is null or open_spans.ends_at > requests.first_missing_at)
                    then 1
                else 0
            end
        ) = 1 as goes_on,
        min(
            case
                when open_spans.ends_run
                    and open_spans.ends_at > requests.last_seen_at
                    and open_spans.ends_at <= requests.first_missing_at
                    then open_spans.ends_at
            end
        ) as closed_at
    from requests
    left join open_spans on requests.ticket_id = open_spans.ticket_id
    where requests.first_missing_at is not null
    group by requests.ticket_id, requests.request_id

),

ended as (

    select
        {{ columns_of('requests', ['request_id', 'ticket_id', 'created_at', 'first_seen_at', 'last_seen_at']) }},
        tickets.carrier,
        tickets.ticket_type,
        tickets.vanished_at,
        tickets.is_open,
        case
            when missed.goes_on then 'met'
            when missed.request_id is not null or tickets.is_resolved then 'closed'
            when tickets.vanished_at is not null then 'withdrawn'
        end as ending,
        case
            when missed.goes_on then null
            when missed.request_id is not null then missed.closed_at
            when tickets.is_resolved then {{ greatest_known('tickets.resolved_at', 'requests.created_at') }}
        end as closed_at,
        coalesce(requests.first_missing_at, tickets.vanished_at, requests.last_seen_at) as not_later_than
    from requests
    inner join tickets on requests.ticket_id = tickets.ticket_id
    left join missed
        on requests.ticket_id = missed.ticket_id and requests.request_id = missed.request_id

),

requested_actions as (

    select
        request_id,
        ticket_id,
        carrier,
        ticket_type,
        data_type,
        created_at,
        first_seen_at,
        last_seen_at,
        first_missing_at,
        first_missing_at is null and vanished_at is null as is_outstanding,
        case when ending = 'met' then {{ minutes_between('created_at', 'last_seen_at') }} end
            as minutes_to_fulfil_min,
        case when ending = 'met' then {{ minutes_between('created_at', 'first_missing_at') }} end
            as minutes_to_fulfil_max,
        case when first_missing_at is null then {{ minutes_between('created_at', 'last_seen_at') }} end
            as age_minutes,
        not is_open as is_ticket_done,
        ending,
        -- known to lie between two sights, an end is put in their middle
        case
            when ending is null then null
            when closed_at is not null then {{ seconds_between('created_at', 'closed_at') }}
            else cast(floor((
                {{ seconds_between('created_at', 'last_seen_at') }}
                + {{ seconds_between('created_at', 'not_later_than') }}
            ) / 2.0) as bigint)
        end as seconds_to_end
    from ended

)

select * from requested_actions
