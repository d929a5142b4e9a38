-- One row per segment, outcome group and hour of age at which a ticket of the segment was resolved.
-- The probability to have been resolved that way by that age, the other ways competing
-- (Aalen-Johansen), with 95 % log-log bounds. Over all groups they add up to 1 - survival.

with

incidence as (

    select * from {{ ref('int_incidence') }} where segment_type <> 'carrier_and_type'

),

varied as (

    select
        incidence.*,
        case
            when survival > 0
                then greatest(
                    0,
                    incidence * incidence * sum_g - 2 * incidence * sum_fg + sum_ffg
                    + sum_d - 2 * incidence * sum_e + 2 * sum_fe
                )
        end as variance
    from incidence

),

outcome_incidence as (

    select
        segment_type,
        segment,
        outcome_group,
        hours,
        cast(n_risk as bigint) as n_risk,
        cast(n_outcome as bigint) as n_event,
        incidence,
        sqrt(variance) as incidence_se,
        case
            when incidence = 0 then 0
            when incidence < 1
                then power(incidence, exp({{ z95() }} * sqrt(variance) / (incidence * -ln(incidence))))
        end as incidence_lo,
        case
            when incidence = 0 then 0
            when incidence < 1
                then power(incidence, exp(-{{ z95() }} * sqrt(variance) / (incidence * -ln(incidence))))
        end as incidence_hi
    from varied

)

select * from outcome_incidence
