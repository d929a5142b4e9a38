-- Open tickets in which nothing has changed for 7, 14 and 30 days, by who they wait for. Grouped bars.
select waiting_on, open_tickets, unchanged_7d, unchanged_14d, unchanged_30d
from mart_standing_still
order by waiting_on
