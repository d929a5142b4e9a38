-- Approval rate with its 95 % interval, raw and with the account's mix of types. Dots with bars.
select
    carriers.carrier_name,
    rates.decided,
    rates.approval_rate,
    rates.approval_rate_lo,
    rates.approval_rate_hi,
    rates.mix_adjusted_rate
from mart_approval_rates as rates
inner join dim_carrier as carriers on rates.segment = carriers.carrier
where rates.segment_type = 'carrier'
order by rates.mix_adjusted_rate desc
