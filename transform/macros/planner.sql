{# PostgreSQL plans badly over a table just made, as long as nobody has counted its rows. #}
{% macro tell_planner(table) %}{% if target.type == 'postgres' %}analyze {{ table }}{% endif %}{% endmacro %}

{# Compiling a query to machine code takes PostgreSQL longer than these queries run. #}
{% macro interpret_queries() %}{% if target.type == 'postgres' %}set jit = off{% endif %}{% endmacro %}
