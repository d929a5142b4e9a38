{# A null carrier or type has a name, so that totals add up. A segment of both is written
   `carrier / type`: a name that holds the separator would let two cells share a segment. #}
{% macro none_named(column) %}coalesce(nullif(replace(trim({{ column }}), ' / ', '/'), ''), '(none)'){% endmacro %}

{# Value of a dbt variable as SQL, null when it is not set. #}
{% macro moment_var(name) -%}
{% if var(name) %}cast('{{ var(name) }}' as timestamp){% else %}cast(null as timestamp){% endif %}
{%- endmacro %}

{# Tables get `__next` behind their names while `python -m pipelines marts` builds and checks them; it
   renames all of them at once when the checks have passed. Plain `dbt build` builds in place. #}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
{{ (custom_alias_name or node.name) ~ env_var('SENDCLOUD_UNPUBLISHED', '') }}
{%- endmacro %}
