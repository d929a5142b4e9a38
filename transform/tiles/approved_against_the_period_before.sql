-- Approved amounts of this month and quarter beside the ones before, marked as paid and not. Bars by currency.
select period_type, period, period_start, currency, approved_amount, marked_paid_amount, not_marked_paid_amount
from mart_period_payouts
order by currency, period_type, period desc
