-- Median and ninth decile of days to resolution with intervals, raw and mix-adjusted. Table.
select
    segment as carrier,
    tickets,
    median_hours / 24.0 as median_days,
    median_hours_lo / 24.0 as median_days_lo,
    median_hours_hi / 24.0 as median_days_hi,
    p90_hours / 24.0 as p90_days,
    rmst_60d as mean_days_up_to_60,
    mix_adjusted_rmst_60d as mean_days_up_to_60_same_mix
from mart_resolution_summary
where segment_type = 'carrier'
order by rmst_60d
