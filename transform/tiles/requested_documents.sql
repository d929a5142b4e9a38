-- How long until requested documents are there, how they ended, and how many are outstanding. Table.
select data_type, requests, met, closed, withdrawn, outstanding, median_hours / 24.0 as median_days, p90_hours / 24.0 as p90_days
from mart_request_summary
where data_type <> 'all'
order by outstanding desc, data_type
