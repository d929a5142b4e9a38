-- Tickets that wait for the merchant, by what is at stake. The list to work through. A ticket all of whose
-- requests are answered is not in it; left_out counts those in the currency.
select
    ticket_id,
    order_number,
    carrier,
    ticket_type,
    status,
    age_minutes / 1440.0 as age_days,
    oldest_request_minutes / 1440.0 as oldest_request_days,
    currency,
    expected_payout_amount,
    left_out
from (
    select
        *,
        sum(case when is_nothing_outstanding then 1 else 0 end) over (partition by currency) as left_out
    from fct_open_claim_exposure
    where waiting_on = 'merchant'
) as waiting
where not is_nothing_outstanding
order by currency, expected_payout_amount desc, ticket_id
