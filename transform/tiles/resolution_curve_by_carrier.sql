-- Share of tickets still unresolved by age in days, with 95 % bounds. Step lines, one per carrier.
select
    carriers.carrier_name,
    survival.hours / 24.0 as age_days,
    survival.survival,
    survival.survival_lo,
    survival.survival_hi
from mart_resolution_survival as survival
inner join dim_carrier as carriers on survival.segment = carriers.carrier
where survival.segment_type = 'carrier' and survival.n_event > 0 and survival.hours <= 90 * 24
order by carriers.carrier_name, survival.hours
