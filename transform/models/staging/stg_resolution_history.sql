-- One row per ticket and resolution as it was known at the as-of moment; outcome is null where the
-- resolution was gone again. The last row is the resolution that the ticket had then: of what had been
-- looked at by the moment, as it was last seen (also where a run was killed between history and ticket);
-- of what nobody had looked at yet, as it was first seen, if that is dated by the moment.
{% set in_order = 'partition by ticket_id order by seen_at, is_present' %}

with

history as (

    select * from {{ source('sendcloud', 'resolution_history') }}

),

resolutions as (

    select * from {{ source('sendcloud', 'tickets__resolution') }}

),

tickets as (

    select * from {{ source('sendcloud', 'tickets') }}

),

latest_status as (

    select * from {{ ref('stg_status_history') }} where is_last

),

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

watched as (

    select
        history.ticket_id,
        history.outcome,
        history.amount,
        history.currency,
        {{ utc('history.solved_at') }} as solved_at,
        {{ utc('history.seen_at') }} as seen_at,
        {{ utc('history.previously_seen_at') }} as previously_seen_at,
        row_number() over (partition by history.ticket_id order by history.seen_at) as sight_no
    from history
    inner join tickets on history.ticket_id = tickets.id
    where history.seen_at <= tickets.last_seen_at

),

seen as (

    select
        watched.*,
        row_number() over (partition by watched.ticket_id order by watched.sight_no desc) as from_last
    from watched
    cross join as_of
    where watched.seen_at <= as_of.as_of

),

present as (

    select
        tickets.id as ticket_id,
        resolutions.outcome as outcome,
        resolutions.amount as amount,
        resolutions.currency as currency,
        {{ utc('resolutions.solved_at') }} as solved_at,
        {{ utc('tickets.last_seen_at') }} as seen_at,
        seen.seen_at as previously_seen_at
    from tickets
    cross join as_of
    left join resolutions on tickets.id = resolutions.ticket_id
    left join seen on tickets.id = seen.ticket_id and seen.from_last = 1
    where {{ utc('tickets.last_seen_at') }} <= as_of.as_of
        and (resolutions.ticket_id is not null or seen.outcome is not null)
        and (
            seen.outcome is distinct from resolutions.outcome
            or seen.amount is distinct from resolutions.amount
            or seen.currency is distinct from resolutions.currency
            or seen.solved_at is distinct from {{ utc('resolutions.solved_at') }}
        )

),

-- first looked at after the moment: the ticket itself, or (loaded by an older version) its resolution
unwatched as (

    select
        tickets.id as ticket_id,
        case when watched.ticket_id is not null then watched.outcome else resolutions.outcome end as outcome,
        case when watched.ticket_id is not null then watched.amount else resolutions.amount end as amount,
        case when watched.ticket_id is not null then watched.currency else resolutions.currency end
            as currency,
        case
            when watched.ticket_id is not null then watched.solved_at
            else {{ utc('resolutions.solved_at') }}
        end as solved_at,
        as_of.as_of,
        coalesce(latest_status.is_closed, false) as is_closed
    from tickets
    cross join as_of
    left join watched on tickets.id = watched.ticket_id and watched.sight_no = 1
    left join resolutions on tickets.id = resolutions.ticket_id
    left join latest_status on tickets.id = latest_status.ticket_id
    where {{ utc('tickets.last_seen_at') }} > as_of.as_of
        and coalesce(watched.ticket_id, resolutions.ticket_id) is not null
        and watched.previously_seen_at is null
        and (watched.seen_at is null or watched.seen_at > as_of.as_of)

),

told as (

    select ticket_id, outcome, amount, currency, solved_at, seen_at, previously_seen_at, 0 as is_present
    from seen

    union all

    select ticket_id, outcome, amount, currency, solved_at, seen_at, previously_seen_at, 1 as is_present
    from present

    union all

    select
        ticket_id,
        outcome,
        amount,
        currency,
        solved_at,
        as_of as seen_at,
        {{ no_moment() }} as previously_seen_at,
        0 as is_present
    from unwatched
    where solved_at <= as_of or (solved_at is null and is_closed)

),

resolution_history as (

    select
        ticket_id,
        outcome,
        amount,
        nullif(upper(trim(currency)), '') as currency,
        solved_at,
        seen_at,
        previously_seen_at,
        row_number() over ({{ in_order }}) as resolution_no,
        {{ value_after('seen_at') }} over ({{ in_order }}) is null as is_last
    from told

)

select * from resolution_history
