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
        outstanding.ticket_id as ticket_id,
        outstanding.data_type as data_type,
        {{ utc('outstanding.created_at') }} as created_at,
        tickets.last_seen_at as first_seen_at,
        tickets.last_seen_at as last_seen_at,
        {{ no_moment() }} as first_missing_at
    from outstanding
    inner join tickets on outstanding.ticket_id = tickets.ticket_id
    left join history
        on outstanding.ticket_id = history.ticket_id and outstanding.id = history.id
    where history.id is null

),

-- asked for, then first and last seen, then missed, whatever the clocks said
placed as (

    select
        {{ columns_of('seen', ['ticket_id', 'created_at', 'first_seen_at', 'last_seen_at']) }},
        as_of.as_of,
        {{ least_known('seen.created_at', 'seen.last_seen_at', 'as_of.as_of') }} as asked_at,
        {{ least_known('seen.last_seen_at', 'as_of.as_of') }} as seen_until
    from seen
    cross join as_of
    {% if var('as_of') -%}
    -- a request may be dated before its ticket, which was not there yet
    inner join tickets on seen.ticket_id = tickets.ticket_id
    {% endif -%}
    where {{ least_known('seen.created_at', 'seen.first_seen_at', 'seen.last_seen_at') }} <= as_of.as_of

),

requested_actions as (

    select
        request_id,
        ticket_id,
        data_type,
        asked_at as created_at,
        {{ clamp('first_seen_at', 'asked_at', 'seen_until') }} as first_seen_at,
        seen_until as last_seen_at,
        case when first_missing_at <= as_of then {{ greatest_known('first_missing_at', 'seen_until') }} end
            as first_missing_at
    from placed

)

select * from requested_actions
