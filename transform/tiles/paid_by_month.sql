-- Paid per month and currency. One chart per currency: amounts of two are never added.
select payout_month, currency, sum(payouts) as payouts, sum(paid_amount) as paid_amount
from mart_payouts_monthly
where payouts > 0
group by payout_month, currency
order by currency, payout_month
