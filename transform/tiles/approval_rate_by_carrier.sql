-- Approval rate with its 95 % interval, raw and with the account's mix of types. Dots with bars.
select
    segment as carrier,
    decided,
    approval_rate,
    approval_rate_lo,
    approval_rate_hi,
    mix_adjusted_rate
from mart_approval_rates
where segment_type = 'carrier'
order by mix_adjusted_rate desc
