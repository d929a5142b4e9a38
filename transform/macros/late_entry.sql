{# Kaplan-Meier with late entry, as CTEs that end in `curves`: what was not followed from the start is at
   risk only from its entry on. Reads `lives` with segment_type, segment, entry_age, exit_age and
   is_event; ages in one unit. Whoever enters at an age is at risk from the next one on, unless it is 0. #}
{% macro late_entry_curves() -%}
{% set so_far = 'partition by segment_type, segment order by age rows unbounded preceding' %}
changes as (

    select
        segment_type,
        segment,
        case when entry_age = 0 then -1 else entry_age end as age,
        1 as entries,
        0 as exits,
        0 as events
    from lives
    where exit_age > entry_age or entry_age = 0

    union all

    select
        segment_type,
        segment,
        exit_age as age,
        0 as entries,
        1 as exits,
        case when is_event then 1 else 0 end as events
    from lives
    where exit_age > entry_age or entry_age = 0

),

by_age as (

    select
        segment_type,
        segment,
        age,
        sum(entries) as entries,
        sum(exits) as exits,
        sum(events) as events
    from changes
    group by segment_type, segment, age

),

at_risk as (

    select
        by_age.*,
        sum(entries - exits) over (
            partition by segment_type, segment order by age rows unbounded preceding
        ) - entries + exits as n_risk
    from by_age

),

products as (

    select
        segment_type,
        segment,
        age,
        n_risk,
        events,
        exits,
        sum(case when events > 0 and events < n_risk then ln(1.0 - {{ ratio('events', 'n_risk') }}) else 0 end)
            over ({{ so_far }}) as log_survival,
        sum(
            case
                when events > 0 and events < n_risk
                    then cast(events as double precision)
                        / (cast(n_risk as double precision) * (n_risk - events))
                else 0
            end
        ) over ({{ so_far }}) as greenwood,
        max(case when events > 0 and events >= n_risk then 1 else 0 end) over ({{ so_far }}) as is_exhausted
    from at_risk
    where age >= 0 and exits > 0

),

curves as (

    select
        segment_type,
        segment,
        age,
        n_risk,
        events,
        exits,
        case when is_exhausted = 1 then 0 else exp(log_survival) end as survival,
        case when is_exhausted = 0 then {{ log_log_bound('log_survival', 'greenwood', '+') }} end as survival_lo,
        case when is_exhausted = 0 then {{ log_log_bound('log_survival', 'greenwood', '-') }} end as survival_hi
    from products

)
{%- endmacro %}
