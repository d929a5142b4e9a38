-- What open tickets are expected to be approved for within 30, 60 and 90 days, with a range. Bars with whiskers, by currency.
select currency, horizon_days, expected_payout_amount, expected_payout_amount_lo, expected_payout_amount_hi, is_followed_enough
from mart_payout_forecast
order by currency, horizon_days
