-- One row per ticket that existed at the as-of moment, with its resolution.
-- Told as of an earlier moment, what came later is not known: status and resolution are those that had
-- been seen by then (stg_resolution_history says what of a ticket that nobody had seen yet).

with

tickets as (

    select * from {{ source('sendcloud', 'tickets') }}

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
        {{ utc('tickets.vanished_at') }} as vanished_at
    from tickets

),

-- every moment of a ticket is placed here, once: created, then first and last seen, nothing later
-- than the last sight, whatever the API's clock or ours said
placed as (

    select
        loaded.*,
        as_of.as_of,
        {{ least_known('loaded.told_created_at', 'loaded.last_seen_at', 'as_of.as_of') }} as created_at,
        {{ least_known('loaded.last_seen_at', 'as_of.as_of') }} as seen_until,
        loaded.last_seen_at <= as_of.as_of as is_as_loaded
    from loaded
    cross join as_of
    where {{ least_known('loaded.told_created_at', 'loaded.first_seen_at', 'loaded.last_seen_at') }} <= as_of.as_of

),

-- the status and the resolution as they were known then
known as (

    select
        {{ columns_of('placed', ['ticket_id', 'status', 'stage']) }},
        case when placed.is_as_loaded then placed.status else coalesce(latest_status.status, 'unknown') end
            as known_status,
        case when placed.is_as_loaded then placed.stage else coalesce(latest_status.stage, 'unknown') end
            as known_stage,
        coalesce(latest_status.waiting_on, 'unknown') as waiting_on,
        coalesce(latest_status.is_closed, false) as is_closed,
        latest_resolution.outcome,
        latest_resolution.amount,
        latest_resolution.currency,
        latest_resolution.solved_at,
        latest_resolution.seen_at as resolution_seen_at
    from placed
    left join latest_status on placed.ticket_id = latest_status.ticket_id
    left join latest_resolution on placed.ticket_id = latest_resolution.ticket_id

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
        known.known_stage as stage,
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
            when known.vanished_at <= known.as_of then {{ greatest_known('known.vanished_at', 'known.seen_until') }}
        end as vanished_at,
        known.outcome,
        -- status claim_paid without a resolution is a claim that was approved
        case
            when known.outcome is not null then coalesce(outcomes.outcome_group, 'unknown')
            when known.known_status = 'claim_paid' then 'claim_approved'
        end as outcome_group,
        coalesce(outcomes.is_claim, false)
        or (known.outcome is null and known.known_status = 'claim_paid') as has_claim_outcome,
        known.amount,
        known.currency,
        {{ clamp(
            'known.solved_at', 'known.created_at', 'least(known.seen_until, known.resolution_seen_at)'
        ) }} as solved_at,
        case when known.outcome is not null then known.resolution_seen_at end as resolution_seen_at
    from known
    left join outcomes on known.outcome = outcomes.outcome

)

select * from stg_tickets
