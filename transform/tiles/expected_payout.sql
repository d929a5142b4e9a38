-- What open tickets are expected to pay yet, by carrier and currency, with a 95 % range. Bars.
select
    carrier,
    currency,
    open_tickets,
    expected_payout_amount,
    expected_payout_amount_lo,
    expected_payout_amount_hi
from mart_claim_exposure
where segment_type = 'carrier'
order by currency, expected_payout_amount desc
