-- What open tickets are expected to pay yet, by carrier and currency, with a 95 % range. Bars.
select
    carriers.carrier_name,
    exposure.currency,
    exposure.open_tickets,
    exposure.expected_payout_amount,
    exposure.expected_payout_amount_lo,
    exposure.expected_payout_amount_hi
from mart_claim_exposure as exposure
inner join dim_carrier as carriers on exposure.segment = carriers.carrier
where exposure.segment_type = 'carrier'
order by exposure.currency, exposure.expected_payout_amount desc
