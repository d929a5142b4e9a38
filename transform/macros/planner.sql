{# PostgreSQL plans badly over a table just made, as long as nobody has counted its rows. #}
{% macro tell_planner(table) %}{% if target.type == 'postgres' %}analyze {{ table }}{% endif %}{% endmacro %}
