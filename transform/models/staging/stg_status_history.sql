-- One row per ticket and change of status or stage that was seen up to the as-of moment.
-- A ticket without history (its loader is older than the history) has its present status, as last seen.
{% set in_order = 'partition by seen.ticket_id order by seen.seen_at' %}

with

history as (

    select * from {{ source('sendcloud', 'ticket_status_history') }}

),

tickets as (

    select * from {{ source('sendcloud', 'tickets') }}

),

statuses as (

    select * from {{ ref('ticket_status_map') }}

),

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

seen as (

    select
        history.ticket_id,
        history.status,
        history.stage,
        {{ utc('history.changed_at') }} as changed_at,
        {{ utc('history.seen_at') }} as seen_at,
        {{ utc('history.previously_seen_at') }} as previously_seen_at
    from history

    union all

    select
        tickets.id as ticket_id,
        tickets.status,
        tickets.stage,
        {{ no_moment() }} as changed_at,
        {{ utc('tickets.last_seen_at') }} as seen_at,
        {{ no_moment() }} as previously_seen_at
    from tickets
    left join history on tickets.id = history.ticket_id
    where history.ticket_id is null

),

status_history as (

    select
        seen.ticket_id,
        seen.status as status,
        seen.stage,
        coalesce(statuses.is_closed, false) as is_closed,
        case
            when statuses.is_closed then 'done'
            when seen.stage = 'action_required' then 'merchant'
            else coalesce(statuses.waiting_on, 'unknown')
        end as waiting_on,
        seen.changed_at,
        seen.seen_at,
        seen.previously_seen_at,
        row_number() over ({{ in_order }}) as sighting_no,
        {{ value_after('seen.seen_at') }} over ({{ in_order }}) is null as is_last
    from seen
    cross join as_of
    left join statuses on seen.status = statuses.status
    where seen.seen_at <= as_of.as_of

)

select * from status_history
