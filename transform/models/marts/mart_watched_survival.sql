-- One row per segment and hour of age at which a watched ticket was resolved or last seen: the curve over
-- resolutions that were certainly the first, beside mart_resolution_survival, which takes the API's word
-- for what closed before the first sync. Kaplan-Meier with late entry: a ticket that was old when first
-- seen counts from that age on.

with

watched as (

    select
        carrier,
        ticket_type,
        cast(ceil(watched_from_seconds / 3600.0) as integer) as entry_age,
        {{ nearest_hours('duration_seconds') }} as exit_age,
        first_resolved_at is not null as is_event
    from {{ ref('fct_ticket_resolution') }}
    where is_watched

),

lives as (

    select 'all' as segment_type, 'all' as segment, entry_age, exit_age, is_event from watched

    union all

    select 'carrier' as segment_type, carrier as segment, entry_age, exit_age, is_event from watched

    union all

    select 'ticket_type' as segment_type, ticket_type as segment, entry_age, exit_age, is_event from watched

),

{{ late_entry_curves() }},

watched_survival as (

    select
        segment_type,
        segment,
        age as hours,
        cast(n_risk as bigint) as n_risk,
        cast(events as bigint) as n_event,
        cast(exits - events as bigint) as n_censored,
        survival,
        survival_lo,
        survival_hi
    from curves

)

select * from watched_survival
