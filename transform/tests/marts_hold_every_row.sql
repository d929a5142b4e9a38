-- Marts that lost or doubled rows of what they are made of.

with

{# Told as of an earlier moment, the marts rightly hold fewer. #}
{% set raw = source('sendcloud', 'tickets') if not var('as_of') else ref('stg_tickets') %}

counts as (

    select
        (select count(*) from {{ raw }}) as raw_tickets,
        (select count(*) from {{ ref('fct_ticket_resolution') }}) as tickets,
        (select count(distinct ticket_id) from {{ ref('fct_status_spans') }}) as tickets_with_spans,
        (select sum(tickets) from {{ ref('dim_carrier') }}) as carriers_tickets,
        (select tickets from {{ ref('mart_resolution_summary') }} where segment_type = 'all')
            as summary_tickets,
        (select count(*) from {{ ref('stg_requested_actions') }}) as raw_requests,
        (select count(*) from {{ ref('fct_requested_actions') }}) as requests,
        (select count(*) from {{ ref('fct_ticket_resolution') }} where is_claim) as tickets_with_claim,
        (select count(*) from {{ ref('fct_claim_payouts') }}) as claims,
        (select sum(claims) from {{ ref('mart_claims_monthly') }}) as monthly_claims

)

select *
from counts
where tickets <> raw_tickets
    or tickets_with_spans <> raw_tickets
    or coalesce(carriers_tickets, 0) <> raw_tickets
    or coalesce(summary_tickets, 0) <> raw_tickets
    or requests <> raw_requests
    or claims <> tickets_with_claim
    or coalesce(monthly_claims, 0) <> claims
