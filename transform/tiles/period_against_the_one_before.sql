-- This month and quarter beside the ones before, up to the same moment in them. Table.
select
    period_type,
    period,
    period_start,
    until_moment,
    opened,
    closed,
    net,
    closing_ratio,
    claims,
    approval_rate,
    median_hours / 24.0 as median_days
from mart_period_comparison
where segment_type = 'all'
order by period_type, period desc
