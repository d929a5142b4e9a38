-- Median and ninth decile of days to resolution with intervals, raw and mix-adjusted. Table.
select
    carriers.carrier_name,
    summary.tickets,
    summary.median_hours / 24.0 as median_days,
    summary.median_hours_lo / 24.0 as median_days_lo,
    summary.median_hours_hi / 24.0 as median_days_hi,
    summary.p90_hours / 24.0 as p90_days,
    summary.rmst_60d as mean_days_up_to_60,
    summary.mix_adjusted_rmst_60d as mean_days_up_to_60_same_mix
from mart_resolution_summary as summary
inner join dim_carrier as carriers on summary.segment = carriers.carrier
where summary.segment_type = 'carrier'
order by summary.rmst_60d
