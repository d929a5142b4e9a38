{# Whether the rates found for a payout may convert it: not older than fx_max_age_days. #}
{% macro fresh_rate() -%}
converted.fx_rate_date >= converted.solved_day - {{ var('fx_max_age_days') }}
{%- endmacro %}
