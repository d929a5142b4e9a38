-- Approved and not marked as paid, by days since the approval. Table; one column per age band, by carrier and currency.
select
    dim_carrier.carrier_name,
    unpaid.currency,
    unpaid.age_band,
    unpaid.tickets,
    unpaid.amount,
    unpaid.missing_amounts
from mart_unpaid_approvals as unpaid
inner join dim_carrier on unpaid.carrier = dim_carrier.carrier
order by dim_carrier.carrier_name, unpaid.currency, unpaid.age_band_no
