-- Tickets that wait for the merchant, by what is at stake. The list to work through. A ticket all of whose
-- requests are answered is not in it; left_out counts those in the currency.
select
    waiting.ticket_id,
    waiting.order_number,
    carriers.carrier_name,
    waiting.ticket_type,
    waiting.status,
    waiting.age_minutes / 1440.0 as age_days,
    waiting.oldest_request_minutes / 1440.0 as oldest_request_days,
    waiting.currency,
    waiting.expected_payout_amount,
    waiting.left_out
from (
    select
        *,
        sum(case when is_nothing_outstanding then 1 else 0 end) over (partition by currency) as left_out
    from fct_open_claim_exposure
    where waiting_on = 'merchant'
) as waiting
inner join dim_carrier as carriers on waiting.carrier = carriers.carrier
where not waiting.is_nothing_outstanding
order by waiting.currency, waiting.expected_payout_amount desc, waiting.ticket_id
