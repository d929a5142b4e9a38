-- One row per carrier and per ticket type: the log-rank test of its resolutions against all others.

with

survival as (

    select * from {{ ref('mart_resolution_survival') }}

),

whole as (

    select hours, n_risk, n_event from survival where segment_type = 'all' and n_event > 0

),

segments as (

    select distinct segment_type, segment
    from survival
    where segment_type in ('carrier', 'ticket_type')

),

grid as (

    select segments.segment_type, segments.segment, whole.hours, whole.n_risk, whole.n_event
    from segments
    cross join whole

),

-- at an hour when nobody of the segment leaves, as many are at risk as at its next exit
merged as (

    select segment_type, segment, hours, n_risk as segment_risk, n_event as segment_events
    from survival
    where segment_type in ('carrier', 'ticket_type')

    union all

    select segment_type, segment, hours, 0 as segment_risk, 0 as segment_events
    from grid

),

by_hour as (

    select
        segment_type,
        segment,
        hours,
        sum(segment_events) as segment_events,
        max(max(segment_risk)) over (
            partition by segment_type, segment
            order by hours
            rows between current row and unbounded following
        ) as segment_risk
    from merged
    group by segment_type, segment, hours

),

terms as (

    select
        grid.segment_type,
        grid.segment,
        grid.hours,
        by_hour.segment_events,
        grid.n_event * {{ ratio('by_hour.segment_risk', 'grid.n_risk') }} as expected,
        case
            when grid.n_risk > 1
                then grid.n_event * {{ ratio('by_hour.segment_risk', 'grid.n_risk') }}
                    * (1 - {{ ratio('by_hour.segment_risk', 'grid.n_risk') }})
                    * {{ ratio('(grid.n_risk - grid.n_event)', '(grid.n_risk - 1)') }}
            else 0
        end as variance
    from grid
    inner join by_hour
        on grid.segment_type = by_hour.segment_type
        and grid.segment = by_hour.segment
        and grid.hours = by_hour.hours

),

totals as (

    select
        segment_type,
        segment,
        cast(sum(segment_events) as bigint) as observed,
        {{ sum_in_order('expected', 'hours') }} as expected,
        {{ sum_in_order('variance', 'hours') }} as variance
    from terms
    group by segment_type, segment

),

log_rank as (

    select
        segment_type,
        segment,
        observed,
        expected,
        (observed - expected) * (observed - expected) / nullif(variance, 0) as chi2
    from totals

)

select * from log_rank
