-- Open tickets at the end of each day, by who must act. Stacked area; filter date_day.
select date_day, waiting_on, sum(open_at_end) as open_tickets, sum(open_over_30d) as open_over_30_days
from fct_daily_backlog
group by date_day, waiting_on
order by date_day, waiting_on
