-- Probability of each ending by age in days, the others competing. Stacked area; they add up to 1 with
-- those unresolved.
select outcome_group, hours / 24.0 as age_days, incidence
from mart_outcome_incidence
where segment_type = 'all' and hours <= 90 * 24
order by outcome_group, hours
