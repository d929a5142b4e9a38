{# Business minutes by a cumulative calendar: minutes(a, b) = before(b) - before(a).
   Null as long as seeds/business_hours.csv is empty. #}

{# The calendar's day of a UTC moment. Without a calendar no time zone is computed. #}
{% macro business_day(moment, has_calendar) -%}
case
    when {{ has_calendar }}
        then {{ as_day(to_zone(moment, var('business_timezone'), 'UTC')) }}
end
{%- endmacro %}

{# Business seconds before a UTC moment, given its day's row of dim_calendar. #}
{% macro business_seconds_before(moment, day) -%}
({{ day }}.business_seconds_before + case
    when {{ day }}.opens_at is null then 0
    else greatest(
        0,
        {{ seconds_between(day ~ '.opens_at', 'least(' ~ moment ~ ', ' ~ day ~ '.closes_at)') }}
    )
end)
{%- endmacro %}

{# A local time of a day as UTC moment. #}
{% macro local_to_utc(day, time_of_day) -%}
{{ to_zone(at_time(day, time_of_day), 'UTC', var('business_timezone')) }}
{%- endmacro %}
