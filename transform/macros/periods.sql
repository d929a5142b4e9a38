{# This month and quarter, and the ones before up to the same moment in them. #}

{# A moment in the time zone of finance_timezone, as UTC moment. #}
{% macro utc_of_local(moment) -%}
{% if var('finance_timezone') == 'UTC' %}{{ moment }}{% else -%}
{{ to_zone(moment, 'UTC', var('finance_timezone')) }}
{%- endif %}
{%- endmacro %}

{# CTEs that end in `periods`: one row per period_type and period, with UTC bounds. 'this' goes on up to the
   as-of moment, 'before' up to the same day and time in it, or its end. On its first day a period has nothing
   to tell yet: the one that has just ended is told, whole. What happens at before_moment is not in it any
   more; the as-of moment itself is. Reads `as_of`. #}
{% macro comparable_periods() -%}
clock as (

    select {{ local('as_of') }} as moment from as_of where as_of is not null

),

starts as (
    {% for period_type, months in [('month', 1), ('quarter', 3)] %}
    select
        '{{ period_type }}' as period_type,
        moment,
        {% set first_day = as_day("date_trunc('" ~ period_type ~ "', " ~ plus_days('moment', -1) ~ ')') -%}
        {{ midnight(first_day) }} as this_start,
        {{ midnight(plus_months(first_day, -months)) }} as before_start,
        {{ midnight(plus_months(first_day, months)) }} as this_end
    from clock
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

periods as (

    select
        period_type,
        'this' as period,
        {{ as_day('this_start') }} as period_start,
        this_end <= moment as is_complete,
        {{ utc_of_local('this_start') }} as from_moment,
        {{ utc_of_local('least(moment, this_end)') }} as until_moment,
        {{ utc_of_local('least(' ~ just_after('moment') ~ ', this_end)') }} as before_moment
    from starts

    union all

    select
        period_type,
        'before' as period,
        {{ as_day('before_start') }} as period_start,
        this_end <= moment as is_complete,
        {{ utc_of_local('before_start') }} as from_moment,
        {% for column in ['until_moment', 'before_moment'] -%}
        case
            when this_end <= moment then {{ utc_of_local('this_start') }}
            else {{ utc_of_local('least(this_start, ' ~ as_far_behind('before_start', 'moment', 'this_start') ~ ')') }}
        end as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from starts

)
{%- endmacro %}
