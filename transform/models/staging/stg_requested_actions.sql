-- One row per request ever seen up to the as-of moment.
-- Requests without history (their loader is older than the history) are outstanding, as last seen.

with

history as (

    select * from {{ source('sendcloud', 'requested_action_history') }}

),

outstanding as (

    select * from {{ source('sendcloud', 'tickets__requested_actions') }}

),

tickets as (

    select * from {{ ref('stg_tickets') }}

),

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

seen as (

    select
        history.id as request_id,
        history.ticket_id,
        history.data_type,
        {{ utc('history.created_at') }} as created_at,
        {{ utc('history.first_seen_at') }} as first_seen_at,
        {{ utc('history.last_seen_at') }} as last_seen_at,
        {{ utc('history.first_missing_at') }} as first_missing_at
    from history

    union all

    select
        outstanding.id as request_id,
        outstanding.ticket_id,
        outstanding.data_type,
        {{ utc('outstanding.created_at') }} as created_at,
        tickets.last_seen_at as first_seen_at,
        tickets.last_seen_at,
        cast(null as timestamp) as first_missing_at
    from outstanding
    inner join tickets on outstanding.ticket_id = tickets.ticket_id
    left join history
        on outstanding.ticket_id = history.ticket_id and outstanding.id = history.id
    where history.id is null

),

requested_actions as (

    select
        seen.request_id,
        seen.ticket_id,
        seen.data_type,
        seen.created_at,
        least(seen.first_seen_at, as_of.as_of) as first_seen_at,
        greatest(least(seen.last_seen_at, as_of.as_of), seen.created_at) as last_seen_at,
        case when seen.first_missing_at <= as_of.as_of then seen.first_missing_at end
            as first_missing_at
    from seen
    cross join as_of
    where seen.created_at <= as_of.as_of

)

select * from requested_actions
