-- One row per data type asked for, and 'all': how long until a request is met. It can also be closed with
-- its ticket or withdrawn with a ticket that vanished; what ended so can no longer be met (Aalen-Johansen
-- with late entry: a request that was old when first seen counts from that age on). To the second:
-- documents come within the hour, and syncs lie minutes apart. What is asked for and met between two syncs
-- leaves no trace, so that a median is too long by as much as they lie apart: its lower bound allows for it.
{% set so_far = 'partition by segment_type, segment order by age rows unbounded preceding' %}
{% set endings = ['met', 'closed', 'withdrawn'] %}

with

requests as (

    select * from {{ ref('fct_requested_actions') }}

),

timed as (

    select
        data_type,
        {{ seconds_between('created_at', 'first_seen_at') }} as entry_age,
        coalesce(seconds_to_end, {{ seconds_between('created_at', 'last_seen_at') }}) as exit_age,
        ending,
        ending is not null as is_event,
        age_minutes,
        case when ending = 'met' then {{ seconds_between('last_seen_at', 'first_missing_at') }} end as unseen_seconds
    from requests

),

lives as (

    select 'data_type' as segment_type, data_type as segment, timed.* from timed

    union all

    select 'all' as segment_type, 'all' as segment, timed.* from timed

),

counts as (

    select
        segment_type,
        segment,
        count(*) as requests,
        {% for ending in endings -%}
        sum(case when ending = '{{ ending }}' then 1 else 0 end) as {{ ending }},
        {% endfor -%}
        sum(case when ending is null then 1 else 0 end) as outstanding,
        max(case when ending is null then age_minutes end) as oldest_outstanding_minutes,
        {{ percentile('cast(unseen_seconds as double precision)', 0.5) }} / 3600 as hours_between_sights
    from lives
    group by segment_type, segment

),

{{ late_entry_curves() }},

-- of those whom a sync saw before they ended
ends as (

    select
        segment_type,
        segment,
        exit_age as age,
        {% for ending in endings -%}
        sum(case when ending = '{{ ending }}' then 1 else 0 end) as n_{{ ending }}{{ ',' if not loop.last }}
        {% endfor -%}
    from lives
    where exit_age > entry_age or entry_age = 0
    group by segment_type, segment, exit_age

),

steps as (

    select
        curves.segment_type,
        curves.segment,
        curves.age,
        curves.n_risk,
        curves.survival,
        lag(curves.survival, 1, cast(1 as double precision)) over (
            partition by curves.segment_type, curves.segment order by curves.age
        ) / curves.n_risk as weight,
        case
            when curves.events < curves.n_risk
                then cast(curves.events as double precision)
                    / (cast(curves.n_risk as double precision) * (curves.n_risk - curves.events))
        end as hazard_variance,
        ends.n_met,
        ends.n_closed,
        ends.n_withdrawn
    from curves
    inner join ends
        on curves.segment_type = ends.segment_type
        and curves.segment = ends.segment
        and curves.age = ends.age

),

incidences as (

    select
        steps.*,
        sum(weight * n_met) over ({{ so_far }}) as met_share,
        sum(weight * n_closed) over ({{ so_far }}) as closed_share,
        sum(weight * n_withdrawn) over ({{ so_far }}) as withdrawn_share
    from steps

),

summed as (

    select
        incidences.*,
        sum(hazard_variance) over ({{ so_far }}) as sum_g,
        sum(met_share * hazard_variance) over ({{ so_far }}) as sum_fg,
        sum(met_share * met_share * hazard_variance) over ({{ so_far }}) as sum_ffg,
        sum(weight * weight * n_met * (n_risk - n_met) / n_risk) over ({{ so_far }}) as sum_d,
        sum(weight * n_met / n_risk) over ({{ so_far }}) as sum_e,
        sum(met_share * weight * n_met / n_risk) over ({{ so_far }}) as sum_fe
    from incidences

),

varied as (

    select
        summed.*,
        case when survival > 0 then {{ incidence_variance('met_share') }} end as variance
    from summed

),

bounded as (

    select
        varied.*,
        {{ incidence_bound('met_share', 'variance', '-') }} as met_share_lo,
        {{ incidence_bound('met_share', 'variance', '+') }} as met_share_hi
    from varied

),

quantiles as (

    select
        segment_type,
        segment,
        -- never above 1, as rounding would have it
        least(1, max(met_share)) as met_share,
        least(1, max(closed_share)) as closed_share,
        least(1, max(withdrawn_share)) as withdrawn_share,
        min(case when met_share >= 0.50 - {{ tolerance() }} then age end) / 3600.0 as median_hours,
        min(case when met_share_hi >= 0.50 - {{ tolerance() }} then age end) / 3600.0 as median_hours_lo,
        min(case when met_share_lo >= 0.50 - {{ tolerance() }} then age end) / 3600.0 as median_hours_hi,
        min(case when met_share >= 0.75 - {{ tolerance() }} then age end) / 3600.0 as p75_hours,
        min(case when met_share >= 0.90 - {{ tolerance() }} then age end) / 3600.0 as p90_hours
    from bounded
    group by segment_type, segment

),

request_summary as (

    select
        counts.segment as data_type,
        counts.requests,
        cast(counts.met as bigint) as met,
        cast(counts.outstanding as bigint) as outstanding,
        counts.oldest_outstanding_minutes,
        cast(quantiles.median_hours as double precision) as median_hours,
        case
            when quantiles.median_hours_lo is not null
                then greatest(0, cast(quantiles.median_hours_lo as double precision) - counts.hours_between_sights)
        end as median_hours_lo,
        {% for column in ['median_hours_hi', 'p75_hours', 'p90_hours'] -%}
        cast(quantiles.{{ column }} as double precision) as {{ column }},
        {% endfor -%}
        counts.requests < {{ few() }} as is_small,
        cast(counts.closed as bigint) as closed,
        cast(counts.withdrawn as bigint) as withdrawn,
        quantiles.met_share,
        quantiles.closed_share,
        quantiles.withdrawn_share,
        counts.hours_between_sights
    from counts
    left join quantiles
        on counts.segment_type = quantiles.segment_type and counts.segment = quantiles.segment

)

select * from request_summary
