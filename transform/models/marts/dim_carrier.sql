-- One row per carrier that has tickets. Tickets without a carrier belong to '(none)'.

with

tickets as (

    select * from {{ ref('stg_tickets') }}

),

names as (

    select * from {{ ref('carrier_names') }}

),

seen as (

    select
        carrier,
        count(*) as tickets,
        min(created_at) as first_ticket_at,
        max(created_at) as last_ticket_at
    from tickets
    group by carrier

),

carriers as (

    select
        seen.carrier,
        coalesce(names.carrier_name, seen.carrier) as carrier_name,
        seen.tickets,
        seen.first_ticket_at,
        seen.last_ticket_at
    from seen
    left join names on seen.carrier = names.carrier

)

select * from carriers
