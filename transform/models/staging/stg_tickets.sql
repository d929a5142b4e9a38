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
        {{ utc('tickets.created_at') }} as told_created_at,
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

-- every moment of a ticket is placed here, once: created, then first and last seen, nothing later
-- than the last sight, whatever the API's clock or ours said
placed as (

    select
        loaded.*,
        as_of.as_of,
        least(loaded.told_created_at, loaded.last_seen_at, as_of.as_of) as created_at,
        least(loaded.last_seen_at, as_of.as_of) as seen_until,
        loaded.last_seen_at <= as_of.as_of as is_as_loaded
    from loaded
    cross join as_of
    where least(loaded.told_created_at, loaded.first_seen_at, loaded.last_seen_at) <= as_of.as_of

),

told as (

    select
        placed.*,
        placed.is_as_loaded or case
            when placed.solved_at is not null then placed.solved_at <= placed.as_of
            else coalesce(latest_status.is_closed, false)
        end as knows_resolution,
        latest_status.status as status_then,
        latest_status.stage as stage_then,
        coalesce(latest_status.waiting_on, 'unknown') as waiting_on,
        coalesce(latest_status.is_closed, false) as is_closed
    from placed
    left join latest_status on placed.ticket_id = latest_status.ticket_id

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
        case
            when told.is_as_loaded or told.updated_at <= told.as_of
                then {{ clamp('told.updated_at', 'told.created_at', 'told.seen_until') }}
        end as updated_at,
        {{ clamp('told.first_seen_at', 'told.created_at', 'told.seen_until') }} as first_seen_at,
        told.seen_until as last_seen_at,
        case
            when told.vanished_at <= told.as_of then greatest(told.vanished_at, told.seen_until)
        end as vanished_at,
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
