-- Claims approved that are not marked as paid, or have no amount: to follow up. Table.
select
    claims.ticket_id,
    claims.order_number,
    carriers.carrier_name,
    claims.ticket_type,
    claims.solved_at,
    claims.amount_status,
    claims.amount,
    claims.currency
from fct_claim_payouts as claims
inner join dim_carrier as carriers on claims.carrier = carriers.carrier
where claims.is_approved and (not claims.is_claim_paid_status or claims.amount_status = 'missing')
order by claims.solved_at, claims.ticket_id
