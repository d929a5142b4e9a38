-- One row per ticket and resolution as it was seen up to the as-of moment; outcome is null where the
-- resolution was gone again. The last row is the resolution that the ticket was last seen with, also
-- where its history begins later than the ticket, or a run was killed between the two.

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

as_of as (

    select as_of from {{ ref('stg_as_of') }}

),

seen as (

    select
        history.ticket_id,
        history.outcome,
        history.amount,
        history.currency,
        {{ utc('history.solved_at') }} as solved_at,
        {{ utc('history.seen_at') }} as seen_at,
        {{ utc('history.previously_seen_at') }} as previously_seen_at,
        row_number() over (partition by history.ticket_id order by history.seen_at desc) as from_last
    from history
    inner join tickets on history.ticket_id = tickets.id
    cross join as_of
    where history.seen_at <= tickets.last_seen_at and {{ utc('history.seen_at') }} <= as_of.as_of

),

present as (

    select
        tickets.id as ticket_id,
        resolutions.outcome,
        resolutions.amount,
        resolutions.currency,
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

told as (

    select ticket_id, outcome, amount, currency, solved_at, seen_at, previously_seen_at, 0 as is_present
    from seen

    union all

    select ticket_id, outcome, amount, currency, solved_at, seen_at, previously_seen_at, 1 as is_present
    from present

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
        row_number() over in_order as resolution_no,
        lead(seen_at) over in_order is null as is_last
    from told
    window in_order as (partition by ticket_id order by seen_at, is_present)

)

select * from resolution_history
