-- One row per document or information asked for. A request is met when it is no longer outstanding:
-- after last_seen_at and not later than first_missing_at. What is outstanding took at least its age.

with

requests as (

    select * from {{ ref('stg_requested_actions') }}

),

tickets as (

    select * from {{ ref('fct_ticket_resolution') }}

),

requested_actions as (

    select
        requests.request_id,
        requests.ticket_id,
        tickets.carrier,
        tickets.ticket_type,
        requests.data_type,
        requests.created_at,
        requests.first_seen_at,
        requests.last_seen_at,
        requests.first_missing_at,
        requests.first_missing_at is null and tickets.vanished_at is null as is_outstanding,
        case
            when requests.first_missing_at is not null
                then {{ minutes_between('requests.created_at', 'requests.last_seen_at') }}
        end as minutes_to_fulfil_min,
        {{ minutes_between('requests.created_at', 'requests.first_missing_at') }}
            as minutes_to_fulfil_max,
        case
            when requests.first_missing_at is null
                then {{ minutes_between('requests.created_at', 'requests.last_seen_at') }}
        end as age_minutes,
        not tickets.is_open as is_ticket_done
    from requests
    inner join tickets on requests.ticket_id = tickets.ticket_id

)

select * from requested_actions
