-- One row per ticket and resolution as it was seen, with its group; is_gone where it was taken back.
-- decided_at: the API's solved_at, else what the statuses say of the last one, else the sight.

with

history as (

    select * from {{ ref('stg_resolution_history') }}

),

tickets as (

    select ticket_id, created_at, last_seen_at from {{ ref('stg_tickets') }}

),

outcomes as (

    select * from {{ ref('outcome_map') }}

),

resolutions as (

    select
        history.ticket_id as ticket_id,
        cast(history.resolution_no as integer) as resolution_no,
        history.outcome as outcome,
        case when history.outcome is not null then coalesce(outcomes.outcome_group, 'unknown') end
            as outcome_group,
        history.amount,
        coalesce(history.currency, '(none)') as currency,
        {{ clamp('history.solved_at', 'tickets.created_at', 'least(tickets.last_seen_at, history.seen_at)') }}
            as solved_at,
        greatest(history.seen_at, tickets.created_at) as seen_at,
        history.previously_seen_at,
        history.outcome is null as is_gone,
        history.is_last
    from history
    inner join tickets on history.ticket_id = tickets.ticket_id
    left join outcomes on history.outcome = outcomes.outcome

)

select * from resolutions
