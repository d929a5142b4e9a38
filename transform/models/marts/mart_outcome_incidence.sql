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
                then {{ incidence_variance('incidence') }}
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
        {{ incidence_bound('incidence', 'variance', '-') }} as incidence_lo,
        {{ incidence_bound('incidence', 'variance', '+') }} as incidence_hi
    from varied

)

select * from outcome_incidence
