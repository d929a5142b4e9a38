-- Open tickets that share an order number (or a parcel) for which seeds/claim_values.csv has a value: it
-- is used for none of them. Name the parcel instead.
{{ config(severity='warn') }}

with

tickets as (

    select * from {{ ref('fct_ticket_resolution') }} where is_open

),

named as (

    select
        tickets.ticket_id,
        count(*) over (partition by claim_values.order_number, claim_values.parcel_id) as tickets_named
    from {{ ref('claim_values') }} as claim_values
    inner join tickets
        on tickets.order_number = claim_values.order_number or tickets.parcel_id = claim_values.parcel_id

)

select ticket_id from named where tickets_named > 1
