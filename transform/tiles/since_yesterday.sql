-- What happened in the last 24 hours, beside the 24 hours before. Numbers, one per kind; money by currency.
select kind, currency, last_day, day_before, last_day_amount, day_before_amount, last_day_until
from mart_since_yesterday
order by kind_no, currency
