-- One row per segment, hour of age and what happened to tickets at that age: a first resolution with
-- its outcome group, or (null) the last sight of a ticket not resolved so far.

with

tickets as (

    select
        carrier,
        ticket_type,
        to_char_month as created_month,
        hours,
        outcome_group
    from (
        select
            carrier,
            ticket_type,
            cast(created_month as text) as to_char_month,
            {{ nearest_hours('duration_seconds') }} as hours,
            case when first_resolved_at is not null then first_outcome_group end as outcome_group
        from {{ ref('fct_ticket_resolution') }}
    ) as aged

),

exits as (

    select
        case
            when grouping(created_month) = 0 then 'created_month'
            when grouping(carrier) = 0 and grouping(ticket_type) = 0 then 'carrier_and_type'
            when grouping(carrier) = 0 then 'carrier'
            when grouping(ticket_type) = 0 then 'ticket_type'
            else 'all'
        end as segment_type,
        carrier,
        ticket_type,
        created_month,
        hours,
        outcome_group,
        count(*) as tickets
    from tickets
    group by grouping sets (
        (hours, outcome_group),
        (carrier, hours, outcome_group),
        (ticket_type, hours, outcome_group),
        (carrier, ticket_type, hours, outcome_group),
        (created_month, hours, outcome_group)
    )

),

resolution_exits as (

    select
        segment_type,
        case segment_type
            when 'carrier' then carrier
            when 'ticket_type' then ticket_type
            when 'carrier_and_type' then carrier || ' / ' || ticket_type
            when 'created_month' then substring(created_month, 1, 7)
            else 'all'
        end as segment,
        carrier,
        ticket_type,
        hours,
        outcome_group,
        tickets
    from exits

)

select * from resolution_exits
