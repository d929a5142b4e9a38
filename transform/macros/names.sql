{# A null carrier or type has a name, so that totals add up. #}
{% macro none_named(column) %}coalesce(nullif(trim({{ column }}), ''), '(none)'){% endmacro %}

{# Value of a dbt variable as SQL, null when it is not set. #}
{% macro moment_var(name) -%}
{% if var(name) %}cast('{{ var(name) }}' as timestamp){% else %}cast(null as timestamp){% endif %}
{%- endmacro %}
