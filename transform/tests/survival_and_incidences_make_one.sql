-- Ages at which not being resolved and all ways of being resolved do not make 1.

with

incidence as (

    select segment_type, segment, hours, sum(incidence) as resolved
    from {{ ref('mart_outcome_incidence') }}
    group by segment_type, segment, hours

)

select survival.segment_type, survival.segment, survival.hours
from {{ ref('mart_resolution_survival') }} as survival
left join incidence
    on survival.segment_type = incidence.segment_type
    and survival.segment = incidence.segment
    and survival.hours = incidence.hours
where survival.segment_type in ('all', 'carrier', 'ticket_type')
    and survival.n_event > 0
    and (incidence.hours is null or abs(survival.survival + incidence.resolved - 1) > 1e-9)
