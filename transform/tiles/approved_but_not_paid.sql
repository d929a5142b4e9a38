-- Claims approved that are not marked as paid, or have no amount: to follow up. Table.
select ticket_id, order_number, carrier, ticket_type, solved_at, amount_status, amount, currency
from fct_claim_payouts
where is_approved and (not is_claim_paid_status or amount_status = 'missing')
order by solved_at, ticket_id
