-- Tickets that wait for the merchant, by what is at stake. The list to work through.
select
    ticket_id,
    order_number,
    carrier,
    ticket_type,
    status,
    age_minutes / 1440 as age_days,
    oldest_request_minutes / 1440 as oldest_request_days,
    currency,
    expected_payout_amount
from fct_open_claim_exposure
where waiting_on = 'merchant'
order by currency, expected_payout_amount desc, ticket_id
