-- One row per segment, outcome group and hour of age at which a ticket of the segment was resolved.
-- Aalen-Johansen: the probability to have been resolved that way by then, and the running sums of
-- its variance. Cells of carrier and type only for approvals, which the exposure needs.
{% set so_far = 'partition by segment_type, segment, outcome_group order by hours rows unbounded preceding' %}

with

exits as (

    select * from {{ ref('int_resolution_exits') }}

),

survival as (

    select * from {{ ref('mart_resolution_survival') }}

),

steps as (

    select
        segment_type,
        segment,
        hours,
        n_risk,
        n_event,
        survival,
        lag(survival, 1, cast(1 as double precision)) over (
            partition by segment_type, segment order by hours
        ) as survival_before
    from survival
    where n_event > 0 and segment_type <> 'created_month'

),

outcome_groups as (

    select distinct outcome_group from exits where outcome_group is not null

),

grid as (

    select
        steps.*,
        outcome_groups.outcome_group
    from steps
    cross join outcome_groups
    where steps.segment_type <> 'carrier_and_type' or outcome_groups.outcome_group = 'claim_approved'

),

counted as (

    select
        grid.*,
        coalesce(exits.tickets, 0) as n_outcome,
        grid.survival_before / grid.n_risk as weight,
        case
            when grid.n_event < grid.n_risk
                then cast(grid.n_event as double precision)
                    / (cast(grid.n_risk as double precision) * (grid.n_risk - grid.n_event))
        end as hazard_variance
    from grid
    left join exits
        on grid.segment_type = exits.segment_type
        and grid.segment = exits.segment
        and grid.hours = exits.hours
        and grid.outcome_group = exits.outcome_group

),

accumulated as (

    select
        counted.*,
        sum(weight * n_outcome) over ({{ so_far }}) as incidence
    from counted

),

incidence as (

    select
        segment_type,
        segment,
        outcome_group,
        hours,
        n_risk,
        n_event,
        n_outcome,
        survival,
        survival_before,
        incidence,
        sum(hazard_variance) over ({{ so_far }}) as sum_g,
        sum(incidence * hazard_variance) over ({{ so_far }}) as sum_fg,
        sum(incidence * incidence * hazard_variance) over ({{ so_far }}) as sum_ffg,
        sum(weight * weight * n_outcome * (n_risk - n_outcome) / n_risk) over ({{ so_far }}) as sum_d,
        sum(weight * n_outcome / n_risk) over ({{ so_far }}) as sum_e,
        sum(incidence * weight * n_outcome / n_risk) over ({{ so_far }}) as sum_fe
    from accumulated

)

select * from incidence
