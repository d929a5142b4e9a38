-- What a ticket of each carrier brings, with the account's mix of types. Dots with whiskers, by currency.
select
    dim_carrier.carrier_name,
    ticket_value.currency,
    ticket_value.tickets,
    ticket_value.value_amount,
    ticket_value.mix_adjusted_amount,
    ticket_value.mix_adjusted_amount_lo,
    ticket_value.mix_adjusted_amount_hi
from mart_ticket_value as ticket_value
inner join dim_carrier on ticket_value.carrier = dim_carrier.carrier
where ticket_value.segment_type = 'carrier' and not ticket_value.is_small
order by ticket_value.currency, dim_carrier.carrier_name
