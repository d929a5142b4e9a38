{# Moments and durations. Every mart holds UTC moments without a zone, so that a client's time zone
   moves no ticket into another month. #}

{% macro seconds_between(earlier, later) -%}
({{ epoch(later) }} - {{ epoch(earlier) }})
{%- endmacro %}

{# Whole minutes, rounded down. #}
{% macro minutes(seconds) %}cast(floor(({{ seconds }}) / 60.0) as bigint){% endmacro %}

{% macro minutes_between(earlier, later) -%}
{{ minutes(seconds_between(earlier, later)) }}
{%- endmacro %}

{# The nearest whole hour: rounding down would make every median half an hour too short. #}
{% macro nearest_hours(seconds) %}cast(floor(({{ seconds }}) / 3600.0 + 0.5) as integer){% endmacro %}

{# A UTC moment in the time zone of the variable finance_timezone, by which days and months are told. #}
{% macro local(moment) -%}
{% if var('finance_timezone') == 'UTC' %}{{ moment }}{% else -%}
{{ to_zone(moment, var('finance_timezone'), 'UTC') }}
{%- endif %}
{%- endmacro %}

{% macro day_of(moment) %}{{ as_day(local(moment)) }}{% endmacro %}

{% macro month_of(moment) %}{{ as_day("date_trunc('month', " ~ local(moment) ~ ')') }}{% endmacro %}

{# First day of a day's month. #}
{% macro month_of_day(day) %}{{ as_day("date_trunc('month', " ~ day ~ ')') }}{% endmacro %}

{# Tables by day and by month begin ten years before the as-of day: a single ticket dated 1970 must not
   add 20,000 days to each of them. What was earlier counts on their first day, or in their first month. #}
{% macro first_day(as_of) %}{{ as_day(plus_days(day_of(as_of), -3652)) }}{% endmacro %}

{% macro first_month(as_of) %}{{ plus_months(month_of(as_of), -119) }}{% endmacro %}

{# Months from one first day of a month to another. #}
{% macro months_between(earlier, later) -%}
cast(
    (extract(year from {{ later }}) - extract(year from {{ earlier }})) * 12
    + extract(month from {{ later }}) - extract(month from {{ earlier }}) as integer
)
{%- endmacro %}

{# A moment squeezed between two others; null stays null. #}
{% macro clamp(moment, earliest, latest) -%}
case when {{ moment }} is not null then {{ greatest_known(earliest, least_known(latest, moment)) }} end
{%- endmacro %}
