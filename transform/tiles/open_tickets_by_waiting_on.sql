-- Open tickets now, by who must act. Bar chart.
select waiting_on, count(*) as open_tickets, max(unsolved_ticket_age_minutes) / 1440.0 as oldest_days
from fct_ticket_resolution
where is_open
group by waiting_on
order by open_tickets desc
