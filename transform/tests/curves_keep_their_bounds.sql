-- Points of a curve outside [0, 1], against its direction, or outside their own interval.

with

survival as (

    select
        segment_type,
        segment,
        hours,
        survival,
        survival_lo,
        survival_hi,
        {{ value_before('survival') }} over (partition by segment_type, segment order by hours) as survival_before
    from {{ ref('mart_resolution_survival') }}

),

incidence as (

    select
        segment_type,
        segment,
        outcome_group,
        hours,
        incidence,
        incidence_lo,
        incidence_hi,
        {{ value_before('incidence') }} over (partition by segment_type, segment, outcome_group order by hours)
            as incidence_before
    from {{ ref('mart_outcome_incidence') }}

)

select segment_type, segment, 'survival' as curve, hours
from survival
where not (survival between 0 and 1)
    or survival > survival_before + 1e-12
    or survival < survival_lo - 1e-12
    or survival > survival_hi + 1e-12

union all

select segment_type, segment, outcome_group as curve, hours
from incidence
where not (incidence between 0 and 1 + 1e-12)
    or incidence < incidence_before - 1e-12
    or incidence < incidence_lo - 1e-12
    or incidence > incidence_hi + 1e-12
