-- One row per ticket that existed at the as-of moment, with its resolution.
-- Told as of an earlier moment, what came later is not known: status from history, no later resolution.

with

tickets as (

    select * from {{ source('sendcloud', 'tickets') }}

),

resolutions as (

    select * from {{ source('sendcloud', 'tickets__resolution') }}

),

latest_resolution as (

    select * from {{ ref('stg_resolution_history') }} where is_last

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
        not placed.is_as_loaded and latest_resolution.ticket_id is not null as is_seen_then,
        placed.is_as_loaded or case
            when latest_resolution.ticket_id is not null then latest_resolution.outcome is not null
            when placed.solved_at is not null then placed.solved_at <= placed.as_of
            else coalesce(latest_status.is_closed, false)
        end as knows_resolution,
        latest_resolution.outcome as outcome_then,
        latest_resolution.amount as amount_then,
        latest_resolution.currency as currency_then,
        latest_resolution.solved_at as solved_at_then,
        latest_resolution.seen_at as resolution_seen_at,
        latest_status.status as status_then,
        latest_status.stage as stage_then,
        coalesce(latest_status.waiting_on, 'unknown') as waiting_on,
        coalesce(latest_status.is_closed, false) as is_closed
    from placed
    left join latest_status on placed.ticket_id = latest_status.ticket_id
    left join latest_resolution on placed.ticket_id = latest_resolution.ticket_id

),

-- the resolution as it was known then; status claim_paid without one is a claim that was approved
known as (

    select
        told.*,
        case when told.is_as_loaded then told.status else coalesce(told.status_then, 'unknown') end
            as known_status,
        {% for column in ['outcome', 'amount', 'currency', 'solved_at'] -%}
        case
            when told.is_seen_then then told.{{ column }}_then
            when told.knows_resolution then told.{{ column }}
        end as known_{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from told

),

stg_tickets as (

    select
        known.ticket_id,
        known.order_number,
        known.parcel_id,
        known.brand_id,
        known.carrier,
        known.ticket_type,
        known.known_status as status,
        case when known.is_as_loaded then known.stage else coalesce(known.stage_then, 'unknown') end
            as stage,
        known.waiting_on,
        known.is_closed,
        known.created_at,
        case
            when known.is_as_loaded or known.updated_at <= known.as_of
                then {{ clamp('known.updated_at', 'known.created_at', 'known.seen_until') }}
        end as updated_at,
        {{ clamp('known.first_seen_at', 'known.created_at', 'known.seen_until') }} as first_seen_at,
        known.seen_until as last_seen_at,
        case
            when known.vanished_at <= known.as_of then greatest(known.vanished_at, known.seen_until)
        end as vanished_at,
        known.known_outcome as outcome,
        case
            when known.known_outcome is not null then coalesce(outcomes.outcome_group, 'unknown')
            when known.known_status = 'claim_paid' then 'claim_approved'
        end as outcome_group,
        coalesce(outcomes.is_claim, false)
        or (known.known_outcome is null and known.known_status = 'claim_paid') as has_claim_outcome,
        known.known_amount as amount,
        known.known_currency as currency,
        {{ clamp('known.known_solved_at', 'known.created_at', 'known.seen_until') }} as solved_at,
        case when known.known_outcome is not null then known.resolution_seen_at end as resolution_seen_at
    from known
    left join outcomes on known.known_outcome = outcomes.outcome

)

select * from stg_tickets
