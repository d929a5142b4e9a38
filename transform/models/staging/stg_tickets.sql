-- One row per ticket that existed at the as-of moment, with its resolution.
-- Told as of an earlier moment, what came later is not known: status from history, no later resolution.

with

tickets as (

    select * from {{ source('sendcloud', 'tickets') }}

),

resolutions as (

    select * from {{ source('sendcloud', 'tickets__resolution') }}

),

latest_status as (

    select * from {{ ref('stg_status_history') }} where is_last

),

outcomes as (

    select * from {{ ref('outcome_map') }}

),

as_of as (

    select * from {{ ref('stg_as_of') }}

),

loaded as (

    select
        tickets.id as ticket_id,
        tickets.order_number,
        tickets.parcel_id,
        tickets.brand_id,
        {{ none_named('tickets.carrier') }} as carrier,
        {{ none_named('tickets.type') }} as ticket_type,
        tickets.status,
        tickets.stage,
        {{ utc('tickets.created_at') }} as created_at,
        {{ utc('tickets.updated_at') }} as updated_at,
        {{ utc('tickets.first_seen_at') }} as first_seen_at,
        {{ utc('tickets.last_seen_at') }} as last_seen_at,
        {{ utc('tickets.vanished_at') }} as vanished_at,
        resolutions.outcome,
        resolutions.amount,
        nullif(upper(trim(resolutions.currency)), '') as currency,
        {{ utc('resolutions.solved_at') }} as solved_at
    from tickets
    left join resolutions on tickets.id = resolutions.ticket_id

),

told as (

    select
        loaded.*,
        loaded.last_seen_at <= as_of.as_of as is_as_loaded,
        loaded.last_seen_at <= as_of.as_of or case
            when loaded.solved_at is not null then loaded.solved_at <= as_of.as_of
            else coalesce(latest_status.is_closed, false)
        end as knows_resolution,
        as_of.as_of,
        greatest(least(loaded.last_seen_at, as_of.as_of), loaded.created_at) as seen_until,
        latest_status.status as status_then,
        latest_status.stage as stage_then,
        coalesce(latest_status.waiting_on, 'unknown') as waiting_on,
        coalesce(latest_status.is_closed, false) as is_closed
    from loaded
    cross join as_of
    left join latest_status on loaded.ticket_id = latest_status.ticket_id
    where loaded.created_at <= as_of.as_of or loaded.last_seen_at <= as_of.as_of

),

stg_tickets as (

    select
        told.ticket_id,
        told.order_number,
        told.parcel_id,
        told.brand_id,
        told.carrier,
        told.ticket_type,
        case when told.is_as_loaded then told.status else coalesce(told.status_then, 'unknown') end
            as status,
        case when told.is_as_loaded then told.stage else coalesce(told.stage_then, 'unknown') end
            as stage,
        told.waiting_on,
        told.is_closed,
        told.created_at,
        case when told.is_as_loaded or told.updated_at <= told.as_of then told.updated_at end
            as updated_at,
        least(told.first_seen_at, told.as_of) as first_seen_at,
        told.seen_until as last_seen_at,
        case when told.vanished_at <= told.as_of then told.vanished_at end as vanished_at,
        case when told.knows_resolution then told.outcome end as outcome,
        case
            when told.knows_resolution and told.outcome is not null
                then coalesce(outcomes.outcome_group, 'unknown')
        end as outcome_group,
        told.knows_resolution and coalesce(outcomes.is_claim, false) as has_claim_outcome,
        case when told.knows_resolution then told.amount end as amount,
        case when told.knows_resolution then told.currency end as currency,
        case
            when told.knows_resolution
                then {{ clamp('told.solved_at', 'told.created_at', 'told.seen_until') }}
        end as solved_at
    from told
    left join outcomes on told.outcome = outcomes.outcome

)

select * from stg_tickets
