-- Paid by carrier, type and currency. Heat map, one per currency.
select carrier, ticket_type, currency, sum(payouts) as payouts, sum(paid_amount) as paid_amount
from mart_payouts_monthly
group by carrier, ticket_type, currency
order by currency, paid_amount desc, carrier, ticket_type
