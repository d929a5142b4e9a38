-- Paid by carrier, type and currency. Heat map, one per currency.
select
    carriers.carrier_name,
    paid.ticket_type,
    paid.currency,
    sum(paid.payouts) as payouts,
    sum(paid.paid_amount) as paid_amount
from mart_payouts_monthly as paid
inner join dim_carrier as carriers on paid.carrier = carriers.carrier
group by carriers.carrier_name, paid.ticket_type, paid.currency
order by paid.currency, paid_amount desc, carriers.carrier_name, paid.ticket_type
